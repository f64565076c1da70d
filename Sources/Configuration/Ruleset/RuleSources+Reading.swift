// SPDX-License-Identifier: MIT

internal import Glibc
package import Mail
internal import MappingTables
internal import SieveLanguage

extension RuleSources {
    /// Reads `path` (the configuration file, whatever its name), the mappings with what they include, and the
    /// scripts.
    ///
    /// What was read was there at one moment: if something changed so lately that somebody may still be
    /// writing, a while is waited, and if a file or folder has changed since it was read, everything is read
    /// again. Complaints say which file can't be read and why.
    package static func read(
        configuration path: String, limits: RuleSourceLimits = RuleSourceLimits()
    ) -> (sources: RuleSources, complaints: [Complaint]) {
        read(configuration: path, limits: limits) { usleep(UInt32(clamping: limits.quietMs * 1_000)) }
    }

    /// `pause` is what waiting means; a test changes files there.
    static func read(
        configuration path: String, limits: RuleSourceLimits, pause: () -> Void
    ) -> (sources: RuleSources, complaints: [Complaint]) {
        var pass = ReadingPass(configuration: path, limits: limits)
        var changed: String?
        for _ in 0..<max(1, limits.triesMax) {
            pass = ReadingPass(configuration: path, limits: limits)
            pass.readAll()
            if pass.isFresh() { pause() }
            changed = pass.changedSinceRead()
            if changed == nil { break }
        }
        if let changed { pass.complainOfChange(changed) }
        let sources = RuleSources(
            files: pass.files, shownNames: pass.shownNames,
            folder: RuleFolder.absolute(RuleFolder.parent(of: path)))
        return (sources, pass.complaints)
    }
}

/// One reading of everything.
private struct ReadingPass {
    let path: String
    let limits: RuleSourceLimits
    var files: [RuleFile] = []
    var shownNames: [String: String] = [:]
    var complaints: [Complaint] = []
    private var stamps: [(path: String, stamp: FileStamp)] = []
    private var octets = 0

    init(configuration path: String, limits: RuleSourceLimits) {
        self.path = path
        self.limits = limits
    }

    mutating func readAll() {
        let folder = RuleFolder.parent(of: path)
        var rules = folder
        var sieve: String?
        var filters: [FilterFile] = []
        if let bytes = add(path, as: RuleSources.configurationName) {
            // Only to learn where the other files are; its mistakes are reported when it is compiled.
            let found = Settings.folders(in: bytes, folder: folder)
            rules = found.rules ?? folder
            sieve = found.sieve
            readDatabases(CompiledDatabase.all(in: bytes, folder: rules))
            filters = FilterFile.all(in: bytes)
        }
        readMappings(in: rules)
        let scripts = sieve ?? RuleFolder.sibling(of: rules, named: "sieve")
        readScripts(in: scripts)
        for filter in filters {
            let isAbsolute = filter.path.utf8.first == UInt8(ascii: "/")
            _ = add(isAbsolute ? filter.path : RuleFolder.join(scripts, filter.path), as: filter.fileName)
        }
    }

    private mutating func readMappings(in folder: String) {
        var waiting = ["mappings"]
        var known: Set<String> = ["mappings"]
        while let name = waiting.popLast() {
            // The name of a file that is included but can't be read is complained of by the parser, with its
            // line.
            guard
                let bytes = add(
                    RuleFolder.join(folder, name), as: "rules/\(name)", isIncluded: name != "mappings")
            else { continue }
            for included in TableSet.includedFiles(in: bytes) {
                guard RuleFolder.isInside(included), known.count <= limits.includesMax else { continue }
                if known.insert(included).inserted { waiting.append(included) }
            }
        }
    }

    private mutating func readDatabases(_ databases: [CompiledDatabase]) {
        for database in databases where !database.isLive {
            guard let path = database.path else { continue }
            _ = add(path, as: database.fileName, octetsMax: limits.databaseOctetsMax)
        }
    }

    private mutating func readScripts(in folder: String) {
        // No script at all is no mistake; a folder that can't be looked into is.
        addScripts(in: folder, prefix: "sieve", only: ["mta.sieve"])
        addScripts(in: RuleFolder.join(folder, "channels"), prefix: "sieve/channels")
        let users = RuleFolder.join(folder, "users")
        addScripts(in: users, prefix: "sieve/users")
        addPersonal(in: users)
        addScripts(in: RuleFolder.join(folder, "global"), prefix: "sieve/global")
        addScripts(
            in: RuleFolder.join(folder, "templates"), prefix: "sieve/templates",
            suffix: FilterTemplate.suffix)
    }

    /// A user's folder has what his script may include.
    private mutating func addPersonal(in users: String) {
        // What can't be looked into was complained of already.
        guard case .success(let names) = RuleFolder.list(users) else { return }
        for name in names where name.contains("@") && RuleFolder.isFolder(RuleFolder.join(users, name)) {
            addScripts(in: RuleFolder.join(users, name), prefix: "sieve/users/\(name)")
        }
    }

    private mutating func addScripts(
        in folder: String, prefix: String, only wanted: Set<String>? = nil, suffix: String = ".sieve"
    ) {
        stamp(folder)
        switch RuleFolder.list(folder) {
        case .failure(let error) where error.isMissing: return
        case .failure(let error): complain(folder, error.message)
        case .success(let names):
            for name in names where name.utf8.count > suffix.utf8.count && name.hasSuffix(suffix) {
                if let wanted, !wanted.contains(name) { continue }
                _ = add(RuleFolder.join(folder, name), as: "\(prefix)/\(name)")
            }
        }
    }

    private mutating func add(
        _ path: String, as name: String, isIncluded: Bool = false, octetsMax: Int? = nil
    ) -> [UInt8]? {
        shownNames[name] = path
        switch RuleFile.read(path: path, octetsMax: octetsMax ?? limits.fileOctetsMax) {
        case .failure(let error) where isIncluded && error.isMissing: return nil
        case .failure(let error):
            complain(path, error.message)
            return nil
        case .success(let (bytes, stamp)):
            octets += bytes.count
            guard octets <= limits.totalOctetsMax else {
                complain(path, "the rules files together have more than \(limits.totalOctetsMax) octets")
                return nil
            }
            stamps.append((path, stamp))
            files.append(RuleFile(name: name, bytes: bytes))
            return bytes
        }
    }

    private mutating func stamp(_ folder: String) {
        if let stamp = FileStamp(path: folder) { stamps.append((folder, stamp)) }
    }

    private mutating func complain(_ path: String, _ text: String) {
        complaints.append(
            Complaint(
                file: path, line: 1, message: "the file can't be used: \(text)",
                help: "see that it is there, and that postern's user may read it"))
    }

    mutating func complainOfChange(_ path: String) {
        complaints.append(
            Complaint(
                file: path, line: 1, message: "the file kept changing while it was read",
                help: "wait until whatever writes it has finished, then try again"))
    }

    /// The first path that is no longer what was read.
    func changedSinceRead() -> String? {
        stamps.first { FileStamp(path: $0.path) != $0.stamp }?.path
    }

    /// Something changed within the last `quietMs`. A time in the future is a clock's mistake and no reason
    /// to wait.
    func isFresh() -> Bool {
        let nowNs = FileStamp.nowNs()
        return stamps.contains { (0..<limits.quietMs * 1_000_000).contains(nowNs &- $0.stamp.modifiedNs) }
    }
}
