// SPDX-License-Identifier: MIT

internal import Glibc

/// The folder of case segments. Names sort by age: seconds since 1970 in hexadecimal, then the writer.
package enum CaseFolder {
    static let suffix = ".cases"
    /// Segments that are looked at, at most.
    static let segmentsMax = 100_000

    static func segmentName(now: Int64, writer: String, process: Int32, sequence: Int) -> String {
        let seconds = String(UInt64(clamping: now), radix: 16)
        let padded = String(repeating: "0", count: max(0, 10 - seconds.utf8.count)) + seconds
        return "\(padded)-\(writer)-\(process)-\(sequence)\(suffix)"
    }

    /// Paths of all segments, the oldest first.
    package static func segments(_ folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while names.count < segmentsMax, let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(suffix) { names.append(name) }
        }
        return names.sorted().map { "\(folder)/\($0)" }
    }

    /// Deletes what is too old, then the oldest until the rest fits. The newest segment stays.
    static func prune(_ folder: String, octetsMax: Int, daysMax: Int, now: Int64) {
        var kept: [(path: String, octets: Int)] = []
        for path in segments(folder) {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            if now - Int64(status.st_mtim.tv_sec) > Int64(daysMax) * 86_400 {
                unlink(path)
            } else {
                kept.append((path, Int(status.st_size)))
            }
        }
        var octets = kept.reduce(0) { $0 + $1.octets }
        for each in kept.dropLast() where octets > octetsMax {
            unlink(each.path)
            octets -= each.octets
        }
    }
}
