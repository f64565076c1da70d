// SPDX-License-Identifier: MIT
internal import Mail

/// A file of the store, opened by its path.
enum StoreFile {
    /// `messageStart`: octets of the head.
    case entry(StoreHead, messageStart: Int)
    case newer(String)
    case damaged(String)

    /// Reads the head and compares the file's length; the message is checked when it is read.
    static func open(
        path: String, _ disk: any QueueDisk, _ limits: QueueLimits
    ) throws(DiskError) -> StoreFile {
        let file = try disk.open(path)
        defer { disk.close(file) }
        return try read(file, disk, limits)
    }

    static func read(
        _ file: DiskFile, _ disk: any QueueDisk, _ limits: QueueLimits
    ) throws(DiskError) -> StoreFile {
        let octets = try disk.octets(of: file)
        var wanted = 8 << 10
        while true {
            wanted = min(wanted, octets, limits.storeHeadOctetsMax)
            let memory = QueueMemory(octets: wanted)
            let count = try disk.read(file, at: 0, into: memory.bytes)
            switch StoreHead.read(Array(memory.bytes[..<count])) {
            case .head(let head, let length):
                guard octets - length == head.messageOctets else {
                    return .damaged("its message has \(octets - length) octets, not \(head.messageOctets)")
                }
                return .entry(head, messageStart: length)
            case .unknownVersion(let line): return .newer("\(file.path) begins with \"\(line)\"")
            case .damaged(let why): return .damaged(why)
            case .incomplete:
                guard count == wanted, wanted < octets, wanted < limits.storeHeadOctetsMax else {
                    return .damaged("its head has no end")
                }
                wanted *= 4
            }
        }
    }

    /// The message of an entry's file, checked.
    static func message(
        of file: DiskFile, _ head: StoreHead, from start: Int, _ disk: any QueueDisk
    ) throws(QueueError) -> MessageBytes {
        let memory = try FileBytes.read(
            file, octets: start + head.messageOctets, from: start, head.messageChecksum, disk)
        let bytes = UnsafeRawBufferPointer(rebasing: memory.bytes[start...])
        return MessageBytes(taking: bytes, release: .owner(memory))
    }

    /// Writes an entry's file: the head, then what `edition` makes of `body`. It has no name yet, and is
    /// synced.
    static func write(
        _ head: StoreHead, _ edition: Edition, of body: MessageBytes, in folder: String,
        on disk: any QueueDisk,
        reasonOctetsMax: Int
    ) throws(DiskError) -> DiskFile {
        var head = head
        var sum = Checksum()
        var octets = 0
        try Self.forEachPiece(of: edition, in: body) { (bytes) throws(DiskError) in
            sum.add(bytes)
            octets += bytes.count
        }
        head.messageOctets = octets
        head.messageChecksum = sum.value
        let file = try disk.openUnnamed(in: folder)
        do throws(DiskError) {
            var buffer = RecordBuffer(capacity: 16 << 10)
            head.encode(reasonOctetsMax: reasonOctetsMax).withUnsafeBytes { buffer.put($0) }
            var written = 0
            func writeOut(_ bytes: UnsafeRawBufferPointer) throws(DiskError) {
                try disk.write(bytes, to: file, at: written)
                written += bytes.count
            }
            try Self.forEachPiece(of: edition, in: body) { (bytes) throws(DiskError) in
                // Small pieces are gathered, large ones written from where they are.
                if buffer.count + bytes.count > 256 << 10 {
                    try writeOut(buffer.bytes)
                    buffer.removeAll()
                    try writeOut(bytes)
                } else {
                    buffer.put(bytes)
                }
            }
            if buffer.count > 0 { try writeOut(buffer.bytes) }
            try disk.sync(file)
            return file
        } catch {
            disk.close(file)
            throw error
        }
    }

    private static func forEachPiece(
        of edition: Edition, in body: MessageBytes,
        _ take: (UnsafeRawBufferPointer) throws(DiskError) -> Void
    ) throws(DiskError) {
        for piece in edition.pieces {
            switch piece {
            case .original(let range):
                try body.withBytes { (bytes) throws(DiskError) in
                    try take(UnsafeRawBufferPointer(rebasing: bytes[range]))
                }
            case .inserted(let inserted):
                let result: Result<Void, DiskError> = inserted.withUnsafeBytes { bytes in
                    do throws(DiskError) {
                        try take(bytes)
                        return .success(())
                    } catch {
                        return .failure(error)
                    }
                }
                try result.get()
            }
        }
    }
}

/// Content of a file that must be what was written.
enum FileBytes {
    /// Larger files are mapped, so that many of them can be under way at once.
    private static let copiedOctetsMax = 1 << 20
    private static let stretchOctets = 256 << 10

    /// The first `octets` of `file`, of which those after `start` have the sum `checksum`. All of them are
    /// read before any is mapped: a bad sector is then an error here, not a signal later.
    static func read(
        _ file: DiskFile, octets: Int, from start: Int, _ checksum: UInt32, _ disk: any QueueDisk
    ) throws(QueueError) -> QueueMemory {
        do {
            guard octets > copiedOctetsMax else {
                let memory = QueueMemory(octets: octets)
                let count = try disk.read(file, at: 0, into: memory.bytes)
                let summed = UnsafeRawBufferPointer(rebasing: memory.bytes[start...])
                guard count == octets, Checksum.of(summed) == checksum else { throw damaged(file) }
                return memory
            }
            var sum = Checksum()
            let stretch = QueueMemory(octets: stretchOctets)
            var at = start
            while at < octets {
                let wanted = min(stretchOctets, octets - at)
                let target = UnsafeMutableRawBufferPointer(rebasing: stretch.bytes[..<wanted])
                guard try disk.read(file, at: at, into: target) == wanted else { throw damaged(file) }
                sum.add(UnsafeRawBufferPointer(target))
                at += wanted
            }
            guard sum.value == checksum else { throw damaged(file) }
            return try disk.map(file, octets: octets)
        } catch let error as DiskError {
            throw QueueError(error, while: "\(file.path) was read")
        } catch let error as QueueError {
            throw error
        } catch {
            throw QueueError(.diskFailed, "\(file.path) was not read", cause: "\(error)", isTransient: true)
        }
    }

    private static func damaged(_ file: DiskFile) -> QueueError {
        QueueError(
            .damaged, "\(file.path) is not what was written: its checksum is wrong", isTransient: false)
    }
}
