// SPDX-License-Identifier: MIT
internal import Mail

/// Gives large bodies files of their own before the records that name them. Used by one thread.
struct BodyWriter {
    let disk: any QueueDisk
    let layout: QueueLayout
    let slot: String
    private var number: UInt64 = 0

    init(disk: any QueueDisk, layout: QueueLayout, slot: String) {
        self.disk = disk
        self.layout = layout
        self.slot = slot
    }

    /// For each commit its body's file, synced and linked, and the folder synced; or the error in its
    /// `failure`. `writer` is nil while no segment could be opened: its name is what keeps the keeper off the
    /// bodies.
    mutating func prepare(_ batch: [PendingCommit], writer: UInt64?) -> [PendingCommit] {
        var prepared = batch
        for index in prepared.indices {
            do throws(QueueError) {
                guard let writer else {
                    throw QueueError(
                        .diskFailed, "no segment of slot \(slot) could be opened yet", isTransient: true)
                }
                number += 1
                let name = BodyName(writer: writer, number: number)
                prepared[index].body = try link(prepared[index].commit.body, as: name)
            } catch {
                prepared[index].failure = error
            }
        }
        do throws(DiskError) {
            if prepared.contains(where: { $0.failure == nil }) { try disk.syncFolder(layout.bodies(slot)) }
        } catch {
            for index in prepared.indices where prepared[index].failure == nil {
                // The committer removes the file when it passes the failure on.
                prepared[index].failure = QueueError(error, while: "a large body was linked")
            }
        }
        return prepared
    }

    private func link(_ body: MessageBytes, as name: BodyName) throws(QueueError) -> CommitRecord.BodyFile {
        do throws(DiskError) {
            let path = layout.body(slot, name.text)
            if let file = body.owner as? DraftFile, file.octets == body.count {
                try disk.sync(file.file)
                try disk.link(file.file, to: path)
            } else {
                let file = try disk.openUnnamed(in: layout.bodies(slot))
                defer { disk.close(file) }
                try body.withBytes { (bytes) throws(DiskError) in try disk.write(bytes, to: file, at: 0) }
                try disk.sync(file)
                try disk.link(file, to: path)
            }
            let sum = body.withBytes { Checksum.of($0) }
            return CommitRecord.BodyFile(name: name.text, checksum: sum)
        } catch {
            throw QueueError(error, while: "a large body was written")
        }
    }
}
