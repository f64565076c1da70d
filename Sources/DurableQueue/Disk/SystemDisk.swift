// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc

/// The machine's own disk.
package struct SystemDisk: QueueDisk {
    /// Readable by the service's group, closed to others.
    private static let fileMode: mode_t = 0o640
    private static let folderMode: mode_t = 0o750

    package init() {}

    package func makeFolder(_ path: String) throws(DiskError) {
        if mkdir(path, Self.folderMode) != 0, errno != EEXIST { throw Self.failure("mkdir", path) }
    }

    package func list(_ path: String) throws(DiskError) -> [String] {
        guard let folder = opendir(path) else { throw Self.failure("opendir", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                if errno != 0 { throw Self.failure("readdir", path) }
                return names
            }
            guard let text = postern_entry_name(entry) else { continue }
            let name = String(cString: text)
            if name != ".", name != ".." { names.append(name) }
        }
    }

    package func syncFolder(_ path: String) throws(DiskError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        defer { _ = Glibc.close(descriptor) }
        if fsync(descriptor) != 0 { throw Self.failure("fsync", path) }
    }

    package func open(_ path: String) throws(DiskError) -> DiskFile {
        try opened(path, O_RDWR | O_CLOEXEC)
    }

    package func openOrCreate(_ path: String) throws(DiskError) -> DiskFile {
        try opened(path, O_RDWR | O_CREAT | O_CLOEXEC)
    }

    private func opened(_ path: String, _ flags: Int32) throws(DiskError) -> DiskFile {
        while true {
            let descriptor = Glibc.open(path, flags, Self.fileMode)
            if descriptor >= 0 { return DiskFile(descriptor: descriptor, path: path) }
            if errno != EINTR { throw Self.failure("open", path) }
        }
    }

    package func openUnnamed(in folder: String) throws(DiskError) -> DiskFile {
        var descriptor: Int32 = -1
        try Self.check(
            postern_open_unnamed(folder, UInt32(Self.fileMode), &descriptor), "open O_TMPFILE", folder)
        return DiskFile(descriptor: descriptor, path: folder)
    }

    package func link(_ file: DiskFile, to path: String) throws(DiskError) {
        try Self.check(postern_link_unnamed(file.descriptor, path), "linkat", path)
    }

    package func close(_ file: DiskFile) {
        // What close reports of earlier writes, the sync before it has reported; nobody acts on an unsynced
        // file.
        _ = Glibc.close(file.descriptor)
    }

    package func rename(_ from: String, to target: String) throws(DiskError) {
        if Glibc.rename(from, target) != 0 { throw Self.failure("rename", from) }
    }

    package func remove(_ path: String) throws(DiskError) {
        if unlink(path) != 0 { throw Self.failure("unlink", path) }
    }

    package func preallocate(_ file: DiskFile, octets: Int) throws(DiskError) {
        try Self.check(postern_preallocate(file.descriptor, UInt64(max(octets, 0))), "fallocate", file.path)
    }

    package func write(
        _ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int
    ) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let written = pwrite(file.descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if written > 0 {
                done += written
            } else if written == 0 {
                // POSIX has no such answer for a count above 0; a loop without end would be worse than an
                // error.
                throw DiskError(call: "pwrite", path: file.path, number: EIO)
            } else if errno != EINTR {
                throw Self.failure("pwrite", file.path)
            }
        }
    }

    package func read(
        _ file: DiskFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(DiskError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let got = pread(file.descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if got > 0 {
                done += got
            } else if got == 0 {
                return done
            } else if errno != EINTR {
                throw Self.failure("pread", file.path)
            }
        }
        return done
    }

    package func sync(_ file: DiskFile) throws(DiskError) {
        if fdatasync(file.descriptor) != 0 { throw Self.failure("fdatasync", file.path) }
    }

    package func octets(of file: DiskFile) throws(DiskError) -> Int {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else { throw Self.failure("fstat", file.path) }
        return Int(status.st_size)
    }

    package func octets(at path: String) throws(DiskError) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw Self.failure("lstat", path) }
        return Int(status.st_size)
    }

    package func map(_ file: DiskFile, octets: Int) throws(DiskError) -> QueueMemory {
        guard octets > 0 else { return QueueMemory(octets: 0) }
        let address = mmap(nil, octets, PROT_READ, MAP_SHARED, file.descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Self.failure("mmap", file.path) }
        return QueueMemory(UnsafeMutableRawBufferPointer(start: address, count: octets)) {
            _ = munmap($0.baseAddress, $0.count)
        }
    }

    package func lock(_ file: DiskFile, waiting: Bool) throws(DiskError) -> Bool {
        let result = postern_lock(file.descriptor, waiting ? 1 : 0)
        if result == EWOULDBLOCK { return false }
        try Self.check(result, "flock", file.path)
        return true
    }

    package func space(at path: String) throws(DiskError) -> DiskSpace {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw Self.failure("statvfs", path) }
        let free = Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
        return DiskSpace(
            freeOctets: free, freeFiles: status.f_files == 0 ? nil : Int(clamping: status.f_favail))
    }

    package func wallSeconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }

    package func monotonicMs() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }

    package func random() -> UInt64 { .random(in: .min ... .max) }

    private static func failure(_ call: String, _ path: String) -> DiskError {
        DiskError(call: call, path: path, number: errno)
    }

    private static func check(_ result: Int32, _ call: String, _ path: String) throws(DiskError) {
        if result != 0 { throw DiskError(call: call, path: path, number: result) }
    }
}
