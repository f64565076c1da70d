// SPDX-License-Identifier: MIT

/// The unnamed file that a large draft, or a large body on its way into the spool, is written to. Owns the
/// descriptor; the file is gone with it unless it was linked.
final class DraftFile: Sendable {
    let file: DiskFile
    let octets: Int
    /// The file's content.
    let memory: QueueMemory
    private let disk: any QueueDisk

    /// Maps the first `octets` of `file`, which this object closes from now on, failing or not.
    init(_ file: DiskFile, octets: Int, on disk: any QueueDisk) throws(DiskError) {
        self.file = file
        self.octets = octets
        self.disk = disk
        do throws(DiskError) {
            memory = try disk.map(file, octets: octets)
        } catch {
            disk.close(file)
            throw error
        }
    }

    deinit { disk.close(file) }
}
