// SPDX-License-Identifier: MIT

internal import CPostern
internal import Glibc

/// One process's counters, in a file that it maps: adding is one instruction, reading needs no one's help,
/// and what was
/// counted outlives the process that counted it.
package final class CounterPage: @unchecked Sendable {
    // Sendable: the words behind `base` are only touched by atomic instructions.
    private let base: UnsafeMutablePointer<UInt64>
    private static let octets = Counter.allCases.count * MemoryLayout<UInt64>.stride
    private static let slots: [Counter: Int] = Dictionary(
        uniqueKeysWithValues: Counter.allCases.enumerated().map { ($1, $0) })

    /// Pages of one folder that are summed, at most.
    package static let pagesMax = 4_096

    /// Opens the page at `path`, making it if need be. A page of another layout is emptied.
    package init(path: String) throws(CounterPageError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw CounterPageError(path: path, reason: Self.errorText()) }
        defer { close(file) }
        var about = stat()
        if fstat(file, &about) == 0, about.st_size != off_t(Self.octets) { ftruncate(file, 0) }
        // Reserved, not only made long: adding to a page that the full disk has no block for would end the
        // process.
        let status = posix_fallocate(file, 0, off_t(Self.octets))
        guard status == 0 else {
            throw CounterPageError(path: path, reason: String(cString: strerror(status)))
        }
        guard let memory = mmap(nil, Self.octets, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            memory != MAP_FAILED
        else { throw CounterPageError(path: path, reason: Self.errorText()) }
        base = memory.bindMemory(to: UInt64.self, capacity: Counter.allCases.count)
    }

    /// A page in memory alone, for tests and one-shot commands.
    package init() {
        base = .allocate(capacity: Counter.allCases.count)
        base.initialize(repeating: 0, count: Counter.allCases.count)
    }

    package func add(_ counter: Counter, _ amount: UInt64 = 1) {
        postern_counter_add(base + slot(counter), amount)
    }

    /// For gauges.
    package func set(_ counter: Counter, to value: UInt64) {
        postern_counter_set(base + slot(counter), value)
    }

    package func value(_ counter: Counter) -> UInt64 { postern_counter_read(base + slot(counter)) }

    private func slot(_ counter: Counter) -> Int { Self.slots[counter] ?? 0 }

    /// The counters of all pages in `folder`, added up. A page that can't be read counts as nothing.
    package static func sum(folder: String) -> [Counter: UInt64] {
        var totals = Dictionary(uniqueKeysWithValues: Counter.allCases.map { ($0, UInt64(0)) })
        guard let listing = opendir(folder) else { return totals }
        defer { closedir(listing) }
        var pages = 0
        while pages < pagesMax, let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            pages += 1
            for (counter, value) in read(path: folder + "/" + name) { totals[counter, default: 0] &+= value }
        }
        return totals
    }

    private static func read(path: String) -> [(Counter, UInt64)] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var words = [UInt64](repeating: 0, count: Counter.allCases.count)
        let count = words.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        guard count == octets else { return [] }
        return Array(zip(Counter.allCases, words))
    }

    private static func errorText() -> String { String(cString: strerror(errno)) }
}

/// A counter page that could not be opened or mapped.
package struct CounterPageError: Error, CustomStringConvertible {
    package let path: String
    package let reason: String
    package var description: String {
        "counter page \(path): \(reason); check that the state folder is writable and its disk not full"
    }
}
