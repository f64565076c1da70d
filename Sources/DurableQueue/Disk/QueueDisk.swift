// SPDX-License-Identifier: MIT

/// Every call that the queue makes on a disk, so that a test can fail each of them, or forget what was not
/// synced.
///
/// Paths are relative to the process's folder or absolute. Each call is one system call or a loop of the same
/// one; none retries a sync that failed: what the kernel dropped then, a second call would report as written.
package protocol QueueDisk: Sendable {
    /// Makes one folder, mode 0750; nothing happens where it exists. The folder above is not synced.
    func makeFolder(_ path: String) throws(DiskError)
    /// The names in a folder, without `.` and `..`, in no order.
    func list(_ path: String) throws(DiskError) -> [String]
    /// What names the folder holds survives a power cut when this returns.
    func syncFolder(_ path: String) throws(DiskError)

    /// Opens a file that exists, for reading and writing.
    func open(_ path: String) throws(DiskError) -> DiskFile
    /// Opens a file, made empty (mode 0640) where it doesn't exist.
    func openOrCreate(_ path: String) throws(DiskError) -> DiskFile
    /// A file without a name, on the disk of `folder`. It vanishes with its last descriptor unless it is
    /// linked.
    func openUnnamed(in folder: String) throws(DiskError) -> DiskFile
    /// Names an unnamed file; `EEXIST` where the name is taken.
    func link(_ file: DiskFile, to path: String) throws(DiskError)
    func close(_ file: DiskFile)

    /// Moves a name, within or between folders of one disk; an existing target is replaced.
    func rename(_ from: String, to target: String) throws(DiskError)
    func remove(_ path: String) throws(DiskError)

    /// Makes the file `octets` long and reserves its blocks.
    func preallocate(_ file: DiskFile, octets: Int) throws(DiskError)
    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int) throws(DiskError)
    /// Fills `buffer` from `offset`; less than its size comes back only at the file's end.
    func read(_ file: DiskFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DiskError)
        -> Int
    /// The file's data, and the size needed to read it, survive a power cut when this returns.
    func sync(_ file: DiskFile) throws(DiskError)
    func octets(of file: DiskFile) throws(DiskError) -> Int
    /// Octets of a file by its name.
    func octets(at path: String) throws(DiskError) -> Int
    /// The first `octets` of the file as memory that is read only. What is in the file must not change any
    /// more.
    func map(_ file: DiskFile, octets: Int) throws(DiskError) -> QueueMemory

    /// An exclusive lock that falls free when the file is closed, and by the process's death. False where
    /// another holds it and `waiting` is false.
    func lock(_ file: DiskFile, waiting: Bool) throws(DiskError) -> Bool

    func space(at path: String) throws(DiskError) -> DiskSpace
    /// Seconds since 1970-01-01 UTC.
    func wallSeconds() -> Int64
    /// Milliseconds since some instant of this run, never going back.
    func monotonicMs() -> Int64
    func random() -> UInt64
}

/// An open file of a `QueueDisk`.
package struct DiskFile: Hashable, Sendable {
    package let descriptor: Int32
    /// For error texts only; an unnamed file carries its folder's.
    package let path: String

    package init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// What is left on a disk for a process like ours.
package struct DiskSpace: Hashable, Sendable {
    package var freeOctets: Int
    /// Files that can still be made; nil where the file system doesn't count them.
    package var freeFiles: Int?

    package init(freeOctets: Int, freeFiles: Int?) {
        self.freeOctets = freeOctets
        self.freeFiles = freeFiles
    }
}
