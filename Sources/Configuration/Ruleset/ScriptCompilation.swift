// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import SieveLanguage

/// Compiles every script and template of a set of rules files, and sees that what the settings name is there.
struct ScriptCompilation {
    let sources: RuleSources
    /// The standard one where the configuration has mistakes of its own.
    let policy: FilterPolicy
    private(set) var scripts = ScriptSet()
    /// Their files named as the operator knows them.
    private(set) var complaints: [Complaint] = []
    /// What a user's script may include, by his address in lower case.
    private var personal: [String: [String: [UInt8]]] = [:]
    private var reported: Set<Complaint> = []

    init(sources: RuleSources, policy: FilterPolicy?) {
        self.sources = sources
        self.policy = policy ?? FilterPolicy()
    }

    /// What a file is for, by where it stands.
    private enum Kind {
        case mta
        case channel(String)
        case user(String)
        case personal(address: String, name: String)
        case global(String)
        case template(String)
        case filter(String)

        init?(_ file: String) {
            let parts = file.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
            guard let last = parts.last, let dot = last.utf8.lastIndex(of: UInt8(ascii: ".")) else {
                return nil
            }
            let stem = String(last[..<dot])
            switch (parts.first, parts.dropFirst().first, parts.count) {
            case ("sieve", "mta.sieve", 2): self = .mta
            case ("sieve", "channels", 3): self = .channel(stem)
            case ("sieve", "users", 3): self = .user(stem)
            case ("sieve", "users", 4): self = .personal(address: parts[2], name: stem)
            case ("sieve", "global", 3): self = .global(stem)
            case ("sieve", "templates", 3): self = .template(stem)
            case ("filters", _, 2): self = .filter(stem)
            default: return nil
            }
        }
    }

    mutating func compile() {
        let files = sources.files.compactMap { file in Kind(file.name).map { (file, $0) } }
        // First what the others may include.
        for (file, kind) in files {
            switch kind {
            case .global(let name): scripts.global[name] = file.bytes
            case .personal(let address, let name):
                personal[address.lowercased(), default: [:]][name] = file.bytes
            default: break
            }
        }
        for (file, kind) in files {
            switch kind {
            case .mta: scripts.mta = script(file, isUsers: false)
            case .channel(let name): scripts.channels[name] = script(file, isUsers: false)
            case .filter(let store):
                scripts.filters[store] = script(file, isUsers: store.hasSuffix(".filter"))
            case .user(let name): addUser(name, file)
            case .global: _ = script(file, isUsers: false)
            case .personal(let address, _):
                _ = script(file, isUsers: true, personal: personal[address.lowercased()] ?? [:])
            case .template(let name): check(template: name, file)
            }
        }
        for address in personal.keys.sorted() where scripts.users[address] == nil {
            let name = sources.files.first { $0.name.lowercased().hasPrefix("sieve/users/\(address)/") }?.name
            guard let name, !sources.files.contains(where: { isUser($0, address) }) else { continue }
            complain(
                name, severity: .warning, "there is no script of \(address) that could include this one",
                help: "add users/\(address).sieve, or remove the folder")
        }
    }

    private func isUser(_ file: RuleFile, _ address: String) -> Bool {
        file.name.lowercased() == "sieve/users/\(address).sieve"
    }

    private mutating func script(
        _ file: RuleFile, isUsers: Bool, personal: [String: [UInt8]] = [:]
    ) -> Script? {
        let name = file.name.hasPrefix("sieve/") ? String(file.name.dropFirst("sieve/".count)) : file.name
        let compiled = Script.compile(
            name: name, source: file.bytes, limits: isUsers ? policy.userLimits : policy.operatorLimits,
            library: ScriptLibrary(personal: personal, global: scripts.global),
            withheld: isUsers ? policy.withheldFromUsers : [])
        for complaint in compiled.complaints {
            var shown = complaint
            shown.file = sources.shown(
                complaint.file == name ? file.name : included(complaint.file, in: file.name))
            add(shown)
        }
        return compiled.script
    }

    /// The file of a script that another includes: its compilation knows the name alone.
    private func included(_ name: String, in file: String) -> String {
        let folder = RuleFolder.parent(of: file)
        let stem = file.hasSuffix(".sieve") ? String(file.dropLast(".sieve".count)) : file
        let places = ["\(stem)/\(name)", "\(folder)/\(name)"]
        return places.first { sources.bytes(of: $0) != nil } ?? "sieve/global/\(name)"
    }

    private mutating func add(_ complaint: Complaint) {
        // An included script is compiled by itself and wherever it is included.
        if reported.insert(complaint).inserted { complaints.append(complaint) }
    }

    private mutating func complain(
        _ file: String, severity: Complaint.Severity = .error, _ message: String, help: String
    ) {
        add(
            Complaint(
                file: sources.shown(file), line: 1, severity: severity, message: message, help: help))
    }

    private mutating func addUser(_ stem: String, _ file: RuleFile) {
        let address = Address(stem)
        let folded = address.map { "\($0)".lowercased() } ?? stem
        guard let script = script(file, isUsers: true, personal: personal[folded] ?? [:]) else { return }
        guard let address, !address.domain.isEmpty else {
            return complain(
                file.name, "\"\(stem)\" is no mail address",
                help: "name a user's script for the recipient: users/ann@example.net.sieve")
        }
        if scripts.users[folded] != nil {
            complain(
                file.name, "there are two scripts for \(folded)",
                help: "keep one of them; the case of a file's name doesn't matter")
        }
        scripts.users[folded] = script
    }

    private mutating func check(template name: String, _ file: RuleFile) {
        let found = FilterTemplate.parse(
            name: name, file: file.name, source: file.bytes, limits: policy.userLimits,
            withheld: policy.withheldFromUsers)
        if let mistake = RuleInfo.mistake(inName: name) ?? (name.contains(" ") ? "it holds a blank" : nil) {
            complain(
                file.name, "\"\(name)\" can't be the name of a template: \(mistake)",
                help: "name the file NAME\(FilterTemplate.suffix)")
        }
        for complaint in found.complaints {
            var shown = complaint
            shown.file = sources.shown(complaint.file)
            add(shown)
        }
    }
}

// MARK: What the settings name

extension ScriptCompilation {
    /// Scripts that a channel names must be there, and those that are there should be named; a script that
    /// stands in a URL must compile.
    mutating func check(_ findings: SettingsFindings?) {
        let name = RuleSources.configurationName
        let prefix = "sieve/channels/"
        let known = sources.files.map(\.name).filter { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count).dropLast(".sieve".count)) }
        for reference in findings?.scriptReferences ?? [] where !known.contains(reference.script.value) {
            let near = Nearness.nearest(to: reference.script.value, among: known).map {
                "did you mean \"\($0)\"? "
            }
            let folder = RuleFolder.parent(of: sources.shown(RuleSources.scriptName))
            complain(
                at: reference.script.place,
                "\(reference.key) is \"\(reference.script.value)\", but there is no such script",
                help: "\(near ?? "")it would be channels/\(reference.script.value).sieve in \(folder)")
        }
        let byURL = FilterFile.all(in: sources.bytes(of: name) ?? []).map(\.path)
        let used = Set((findings?.scriptReferences ?? []).map(\.script.value))
        for script in known where !used.contains(script) && !byURL.contains("channels/\(script).sieve") {
            complain(
                "\(prefix)\(script).sieve", severity: .warning, "no channel uses this script",
                help: "add source_script or destination_script = \"\(script)\" to a [channel.NAME]")
        }
        for reference in findings?.filterReferences ?? [] { check(reference) }
    }

    private mutating func check(_ reference: SettingsReader.FilterReference) {
        let store = ChannelFilters.store(channel: reference.channel, key: reference.key)
        // A URL that is none was complained of.
        guard let found = try? FilterURL.read(reference.said.value, store: store, directories: [:]),
            let sample = found.url.sampleScript
        else { return }
        let isUsers = reference.key == "filter"
        let compiled = Script.compile(
            name: store, source: Array(sample.utf8),
            limits: isUsers ? policy.userLimits : policy.operatorLimits,
            library: ScriptLibrary(global: scripts.global),
            withheld: isUsers ? policy.withheldFromUsers : [])
        for complaint in compiled.complaints where complaint.file == store {
            complain(
                at: reference.said.place, severity: complaint.severity,
                "\(reference.name): line \(complaint.line) of the script, column \(complaint.column): "
                    + complaint.message, help: complaint.help)
        }
    }

    private mutating func complain(
        at place: TOMLRegion, severity: Complaint.Severity = .error, _ message: String, help: String
    ) {
        add(
            Complaint(
                file: sources.shown(RuleSources.configurationName), line: place.line, column: place.column,
                length: max(1, place.endColumn - place.column), severity: severity, message: message,
                help: help))
    }
}
