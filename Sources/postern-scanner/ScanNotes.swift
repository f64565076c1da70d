// SPDX-License-Identifier: MIT

/// What happened during one scan that its result doesn't tell: libclamav goes on after many failures, and
/// then calls clean what it never looked at.
///
/// It reports every layer (a file, or something unpacked from it) before looking at it, and, for most
/// archives, every file that they announce. A layer that should have held something and brought nothing out,
/// or an announced file that was never reached, was not scanned.
final class ScanNotes {
    /// Kinds of content that could not be opened, in words.
    private(set) var unopened: Set<String> = []
    /// The first thing that libclamav complained of, in its words.
    private(set) var complaint: String?
    /// That complaint, or a later one, was about memory or size.
    private(set) var isOverLimit = false

    /// The layers from the message down to the one looked at now.
    private var path: [Layer] = []
    /// Octets of announced files that were not reached yet, and how many there are of that size.
    private var awaited: [UInt64: Int] = [:]
    private var awaitedCount = 0
    private var lastAnnounced: Announced?

    private struct Layer {
        let type: String
        var hasChildren = false
        var hasAnnounced = false
    }

    private struct Announced: Hashable {
        let name: String
        let octets: UInt64
        let position: UInt32
    }

    /// Files announced in one job, at most: libclamav stops at fewer.
    static let announcedMax = 50_000
    /// libclamav doesn't look at files of this size or less, in octets: nothing fits in.
    static let triflingOctetsMax: UInt64 = 5
    /// Packed, such a trifle may be a little longer; a file that takes more holds more than it admits.
    static let triflingPackedOctetsMax: UInt64 = 16

    /// Formats of which something must come out.
    private static let containers: Set<String> = [
        "CL_TYPE_ZIP", "CL_TYPE_7Z", "CL_TYPE_RAR", "CL_TYPE_ARJ", "CL_TYPE_MSCAB", "CL_TYPE_GZ",
        "CL_TYPE_BZ",
        "CL_TYPE_XZ", "CL_TYPE_MSSZDD", "CL_TYPE_LHA_LZH", "CL_TYPE_EGG", "CL_TYPE_ALZ", "CL_TYPE_POSIX_TAR",
        "CL_TYPE_OLD_TAR", "CL_TYPE_CPIO_OLD", "CL_TYPE_CPIO_ODC", "CL_TYPE_CPIO_NEWC", "CL_TYPE_CPIO_CRC",
        "CL_TYPE_ISO9660", "CL_TYPE_UDF", "CL_TYPE_DMG", "CL_TYPE_XAR",
    ]

    private static func isContainer(_ type: String) -> Bool {
        // Office files are ZIP archives with another name.
        containers.contains(type) || type.hasPrefix("CL_TYPE_OOXML")
    }

    /// A layer begins. Layers come in the order of a tree, each before what is unpacked from it.
    ///
    /// - Parameters:
    ///   - type: as libclamav names it, `CL_TYPE_ZIP`.
    ///   - depth: 0 for the message itself.
    func enter(type: String, depth: Int, content: UnsafeRawBufferPointer) {
        leave(to: depth)
        if let parent = path.indices.last {
            path[parent].hasChildren = true
            if path[parent].hasAnnounced { reach(octets: UInt64(content.count)) }
        }
        path.append(Layer(type: type))
        lastAnnounced = nil
        if let format = ForeignFormat.name(of: content, type: type) { unopened.insert(format) }
    }

    /// The directory or a header of the archive of type `container` names a file. ZIP names each twice in a
    /// row.
    func announce(container: String, name: String, octets: UInt64, packedOctets: UInt64, position: UInt32) {
        // The archive isn't always the last layer: TAR names a file after having brought out the one before.
        // What only looks like an archive, in the middle of a program, announces without end.
        guard Self.isContainer(container), let layer = path.lastIndex(where: { $0.type == container }) else {
            return
        }
        path[layer].hasAnnounced = true
        let announced = Announced(name: name, octets: octets, position: position)
        guard announced != lastAnnounced else { return }
        lastAnnounced = announced
        guard octets > Self.triflingOctetsMax || packedOctets > Self.triflingPackedOctetsMax else { return }
        guard awaitedCount < Self.announcedMax else {
            note(message: "over \(Self.announcedMax) archived files", isError: true)
            return
        }
        awaitedCount += 1
        awaited[octets, default: 0] += 1
    }

    /// The scan has ended: what is still open is judged.
    func finish() {
        leave(to: 0)
        if !awaited.isEmpty { unopened.insert("an archived file that could not be unpacked") }
    }

    /// An error of libclamav, or a warning that something was left out. Other warnings change nothing.
    func note(message: String, isError: Bool) {
        let isLimit = Self.limitWords.contains { message.contains($0) }
        guard isError || isLimit else { return }
        if isLimit { isOverLimit = true }
        if complaint == nil { complaint = Self.trim(message) }
    }

    private func leave(to depth: Int) {
        while path.count > max(0, depth), let layer = path.popLast() {
            guard Self.isContainer(layer.type), !layer.hasChildren, !layer.hasAnnounced else { continue }
            unopened.insert("an archive that could not be opened (\(layer.type.dropFirst("CL_TYPE_".count)))")
        }
    }

    private func reach(octets: UInt64) {
        guard let count = awaited[octets] else { return }
        awaited[octets] = count > 1 ? count - 1 : nil
    }

    private static let limitWords = [
        "too large to scan", "llocate memory", "Out of memory", "map allocation failed", "mmap",
        "archived files",
    ]

    private static func trim(_ message: String) -> String {
        var octets = message.utf8.prefix(200)[...]
        while let last = octets.last, last <= 0x20 { octets = octets.dropLast() }
        return String(decoding: octets, as: UTF8.self)
    }
}
