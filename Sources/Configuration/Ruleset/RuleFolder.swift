// SPDX-License-Identifier: MIT

internal import Glibc

/// Folders that hold rules.
package enum RuleFolder {
    /// Entries of one folder, at most: a site with more users than this keeps their scripts elsewhere.
    static let entriesMax = 50_000

    /// Names in the folder, sorted by their octets; none that begin with a dot (editors leave such).
    static func list(_ path: String) -> Result<[String], RuleFileError> {
        guard let folder = opendir(path) else { return .failure(.system(path)) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = name(of: entry)
            guard !name.utf8.starts(with: [UInt8(ascii: ".")]) else { continue }
            guard names.count < entriesMax else {
                return .failure(RuleFileError(path: path, message: "it has more than \(entriesMax) entries"))
            }
            names.append(name)
        }
        return .success(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) { start in
            start.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: start.pointee)) {
                String(cString: $0)
            }
        }
    }

    /// Links are not followed: an archive holds none.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The folder that a path's last component is in; `.` for a bare name.
    package static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        let parent = String(path[..<slash])
        return parent.isEmpty ? "/" : parent
    }

    /// `name` beside the folder `path`: `sieve` for `rules`, `/srv/sieve` for `/srv/rules`, `../sieve` for
    /// `.`.
    static func sibling(of path: String, named name: String) -> String {
        var trimmed = path
        while trimmed.utf8.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
        let last = trimmed.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
        if last.isEmpty || last == "." || last == ".." { return "\(trimmed)/../\(name)" }
        let parent = parent(of: trimmed)
        return parent == "." ? name : join(parent, name)
    }

    static func join(_ folder: String, _ name: String) -> String {
        if folder == "." { return name }
        return folder.utf8.last == UInt8(ascii: "/") ? folder + name : "\(folder)/\(name)"
    }

    /// `path` from the root on. The working folder stands before a relative one.
    static func absolute(_ path: String) -> String {
        if path.utf8.first == UInt8(ascii: "/") { return path }
        guard let working = getcwd(nil, 0) else { return path }
        defer { free(working) }
        let base = String(cString: working)
        return path == "." ? base : join(base, path)
    }

    /// A name that stays inside the folder it is looked up in.
    static func isInside(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return !name.isEmpty && name.utf8.count <= RuleFile.pathOctetsMax && !name.utf8.contains(0)
            && parts.allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }
}
