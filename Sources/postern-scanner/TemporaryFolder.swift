// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc

/// Folders for what libclamav unpacks: one of the scanner's, below it one per worker.
enum TemporaryFolder {
    /// Entries removed in one go, at most: what a job may leave behind is bounded by its own limits, and the
    /// next emptying goes on.
    static let entriesMax = 100_000
    /// Folders within folders that are gone into, at most: libclamav makes one per layer that it unpacks.
    static let depthMax = 40

    /// Makes the scanner's own folder, or takes the one that is there.
    static func prepare(_ path: String) throws(ScannerExit) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw ScannerExit(
                .cannotCreate, "cannot make the temporary folder \(path): \(describe(errno)); make its parent"
            )
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            throw ScannerExit(
                .cannotCreate, "cannot write to the temporary folder \(path): \(describe(errno))")
        }
    }

    /// Makes one worker's folder, empty. Two scanners may use one folder during a reload, so the name holds
    /// the parent's process id.
    static func makeWorkerFolder(in parent: String, worker: Int) throws(ScannerExit) -> String {
        let path = "\(parent)/\(getpid())-\(worker)"
        empty(path)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw ScannerExit(.cannotCreate, "cannot make \(path): \(describe(errno))")
        }
        return path
    }

    /// Removes what is in `path`, not `path` itself. Links are removed, never followed.
    static func empty(_ path: String) {
        var left = entriesMax
        remove(below: path, depth: 0, left: &left)
    }

    /// Removes `path` with all that is in it. What can't be removed stays: the next start tries again.
    static func remove(_ path: String) {
        empty(path)
        rmdir(path)
    }

    private static func remove(below path: String, depth: Int, left: inout Int) {
        guard depth < depthMax, let folder = opendir(path) else { return }
        defer { closedir(folder) }
        while left > 0, let entry = readdir(folder) {
            guard let text = postern_entry_name(entry) else { continue }
            let name = String(cString: text)
            guard name != ".", name != ".." else { continue }
            left -= 1
            let full = path + "/" + name
            guard unlink(full) != 0 else { continue }
            remove(below: full, depth: depth + 1, left: &left)
            rmdir(full)
        }
    }
}
