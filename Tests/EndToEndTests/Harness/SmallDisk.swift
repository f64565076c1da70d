// SPDX-License-Identifier: MIT

import Foundation

/// A file system of a given size, in memory.
final class SmallDisk {
    private let folder: TestFolder
    var path: String { folder.path }

    init(megabytes: Int) throws {
        try HarnessError.requireRoot(for: "a small file system")
        folder = try TestFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(megabytes)m,mode=0755") == 0 else {
            throw HarnessError("a file system of \(megabytes) MB: \(String(cString: strerror(errno)))")
        }
    }

    // Whatever still runs in it keeps it until it ends.
    deinit { umount2(folder.path, Int32(MNT_DETACH)) }

    /// More than enough: what competes for the space are preallocations, a few a second.
    private static let triesMax = 100

    private var filler: String { path + "/filler" }

    /// Leaves at most `kilobytes`.
    func fill(leavingKilobytes kilobytes: Int = 0) throws {
        let file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw HarnessError("\(filler): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        // The gateway writes to the same disk meanwhile, so what was free may be gone by the time it is asked
        // for: measured again then.
        for _ in 0..<Self.triesMax {
            var space = statvfs()
            guard statvfs(path, &space) == 0 else { throw HarnessError("statvfs \(path)") }
            let octets = Int(space.f_bavail) * Int(space.f_frsize) - kilobytes * 1_024
            guard octets > 0 else { return }
            let size = lseek(file, 0, SEEK_END)
            if posix_fallocate(file, size, off_t(octets)) == 0 { return }
        }
        throw HarnessError("\(path) can't be filled: its free space changes faster than it can be taken")
    }

    func empty() throws { try FileManager.default.removeItem(atPath: filler) }
}
