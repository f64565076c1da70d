// SPDX-License-Identifier: MIT

internal import Cryptography
internal import Glibc
package import Mail

/// Rulesets as they were: `rulesets/<hash>/` in the state folder holds the exact bytes of every file.
///
/// Workers load from nowhere else (so that all judge by the same bytes, however the operator's files change),
/// and a case can be judged again under the rules that judged it. A ruleset appears whole or not at all: it
/// is written under another name, synced, and renamed.
package enum RulesetArchive {
    /// Compiles `sources`; see `RulesetCompilation`.
    package static func compile(
        _ sources: RuleSources, isMachineChecked: Bool = true, complaints: [Complaint] = []
    ) -> RulesetCompilation {
        RulesetCompilation(of: sources, isMachineChecked: isMachineChecked, complaints: complaints)
    }

    /// The folder of the ruleset `hash`, below the state folder.
    package static func folder(of hash: String, stateFolder: String) -> String {
        "\(stateFolder)/rulesets/\(hash)"
    }

    /// Names of rulesets, sorted. Other entries of the folder are passed over.
    package static func list(stateFolder: String) throws(RuleFileError) -> [String] {
        switch RuleFolder.list("\(stateFolder)/rulesets") {
        case .success(let names): return names.filter(isHash)
        case .failure(let error) where error.isMissing: return []
        case .failure(let error): throw error
        }
    }

    /// 64 lower-case hexadecimal digits.
    static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    // MARK: Storing

    /// Writes every file of `sources` below `rulesets/<hash>/`, readable by owner and group. When this
    /// returns, the ruleset survives a power cut. One that is there already is left as it is if it is whole,
    /// else replaced.
    package static func store(_ sources: RuleSources, stateFolder: String) throws(RuleFileError) {
        let archive = "\(stateFolder)/rulesets"
        try makeFolder(stateFolder)
        try makeFolder(archive)
        removeLeftovers(in: archive)
        let final = folder(of: sources.hash, stateFolder: stateFolder)
        if isWhole(sources.hash, stateFolder: stateFolder) { return try sync(archive) }
        let temporary = "\(archive)/.new-\(Digest.hexadecimal(SecureRandom.bytes(8)))"
        do throws(RuleFileError) {
            try write(sources.files, to: temporary)
            // A damaged one by the same name would be in the way of the rename.
            remove(final)
            guard rename(temporary, final) == 0 else { throw RuleFileError.system(final) }
        } catch {
            remove(temporary)
            throw error
        }
        try sync(archive)
    }

    private static func isWhole(_ hash: String, stateFolder: String) -> Bool {
        // A read that fails is the answer: no, it isn't.
        guard let sources = try? sources(of: hash, stateFolder: stateFolder, folder: "/") else {
            return false
        }
        return sources.hash == hash
    }

    private static func write(_ files: [RuleFile], to folder: String) throws(RuleFileError) {
        try makeFolder(folder)
        var folders: Set<String> = [folder]
        for file in files {
            let path = "\(folder)/\(file.name)"
            for parent in parents(of: file.name) {
                let parent = "\(folder)/\(parent)"
                if folders.insert(parent).inserted { try makeFolder(parent) }
            }
            try write(file.bytes, to: path)
        }
        for folder in folders { try sync(folder) }
    }

    /// `a`, `a/b` for `a/b/c`.
    private static func parents(of name: String) -> [String] {
        let parts = name.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        return parts.indices.dropFirst().map { parts[..<$0].joined(separator: "/") }
    }

    private static func makeFolder(_ path: String) throws(RuleFileError) {
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw .system(path) }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(RuleFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .system(path) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(path) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw .system(path) }
    }

    private static func sync(_ folder: String) throws(RuleFileError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(folder) }
    }

    /// What a store that was cut short left behind. Two stores at once are no accident to guard against
    /// further: the dispatcher starts one at a time, and an hour is longer than any takes.
    private static func removeLeftovers(in archive: String) {
        guard let folder = opendir(archive) else { return }
        var names: [String] = []
        while let entry = readdir(folder), names.count < RuleFolder.entriesMax {
            names.append(RuleFolder.name(of: entry))
        }
        closedir(folder)
        let hourNs = 3_600 * 1_000_000_000
        for name in names where name.hasPrefix(".new-") {
            let path = "\(archive)/\(name)"
            if let stamp = FileStamp(path: path), stamp.modifiedNs < FileStamp.nowNs() &- hourNs {
                remove(path)
            }
        }
    }

    /// A tree of ours: two folders deep, files below. What can't be removed shows when the name is needed.
    private static func remove(_ path: String, depth: Int = 0) {
        if depth < 4, case .success(let names) = RuleFolder.list(path) {
            for name in names { remove("\(path)/\(name)", depth: depth + 1) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    // MARK: Loading

    /// The files of the ruleset `hash`. Throws if it isn't there, can't be read, or its bytes no longer give
    /// that hash. Relative paths in its configuration start at `folder` (absolute): that of the file it was
    /// archived from.
    package static func load(
        hash: String, stateFolder: String, folder: String
    ) throws(RuleFileError) -> RuleSources {
        let sources = try sources(of: hash, stateFolder: stateFolder, folder: folder)
        guard sources.hash == hash else {
            throw RuleFileError(
                path: Self.folder(of: hash, stateFolder: stateFolder),
                message: "the archived ruleset was changed: its bytes give \(sources.hash)")
        }
        return sources
    }

    private static func sources(
        of hash: String, stateFolder: String, folder: String
    ) throws(RuleFileError) -> RuleSources {
        let archive = Self.folder(of: hash, stateFolder: stateFolder)
        guard isHash(hash) else {
            throw RuleFileError(
                path: archive, message: "\"\(hash)\" is no ruleset's name: 64 hexadecimal digits")
        }
        var files: [RuleFile] = []
        var octets = 0
        try collect(archive, prefix: "", depth: 0, into: &files, octets: &octets)
        return RuleSources(files: files, folder: folder)
    }

    /// Deep enough for `rules/` with folders of included files in it.
    private static let depthMax = 8

    private static func collect(
        _ folder: String, prefix: String, depth: Int, into files: inout [RuleFile], octets: inout Int
    ) throws(RuleFileError) {
        let limits = RuleSourceLimits()
        for name in try RuleFolder.list(folder).get() {
            let path = "\(folder)/\(name)"
            if RuleFolder.isFolder(path) {
                guard depth < depthMax else {
                    throw RuleFileError(path: path, message: "it is nested too deeply")
                }
                try collect(
                    path, prefix: "\(prefix)\(name)/", depth: depth + 1, into: &files, octets: &octets)
                continue
            }
            let bytes = try RuleFile.read(path: path, octetsMax: limits.databaseOctetsMax).get().bytes
            octets += bytes.count
            guard octets <= limits.totalOctetsMax else {
                throw RuleFileError(
                    path: path, message: "the ruleset has more than \(limits.totalOctetsMax) octets")
            }
            files.append(RuleFile(name: prefix + name, bytes: bytes))
        }
    }
}
