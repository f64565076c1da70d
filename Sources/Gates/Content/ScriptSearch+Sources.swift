// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// What is asked for each source of scripts, and what its answer means.
extension ScriptSearch {
    // MARK: Plans

    /// Everything that can be asked knowing the address alone.
    mutating func planFirst() {
        takeRuleset()
        if isOurs {
            let hasOwn = best(.user) != nil
            if policy.readsUserFolder, !hasOwn { askUserFolder() }
            askDirectory(hasOwn: hasOwn)
        }
        for (level, url, store) in urls where !(url.needsUID && asksForEntry) { plan(url, level, store) }
    }

    /// What needed the user's entry.
    mutating func planSecond() {
        if asksForEntry {
            for (level, url, store) in urls where url.needsUID { plan(url, level, store) }
        }
        guard let directory = policy.directory, !directory.householdReference.isEmpty, let entry else {
            return
        }
        if !directory.householdSwitch.isEmpty {
            let said = entry.values(directory.householdSwitch).first?.lowercased() ?? ""
            guard FilterPolicy.ScriptDirectory.switchedOn.contains(said) else { return }
        }
        guard let name = entry.values(directory.householdReference).first, !name.isEmpty else { return }
        ask(
            .directory(
                DirectoryQuestion(
                    directory: directory.name, base: name, scope: .base, filter: "(objectClass=*)",
                    attributes: [directory.householdAttribute, directory.householdOwner])),
            .household(name))
    }

    private mutating func takeRuleset() {
        let scripts = ruleset.scripts
        let channels = ruleset.policy.channels
        let keys = [recipient.address.description.lowercased()] + mailboxes.map(\.address)
        add(.user, keys.lazy.compactMap { scripts.users[$0] }.first)
        add(
            .destinationChannel,
            channels[recipient.channel]?.destinationScript.flatMap { scripts.channels[$0] })
        add(.sourceChannel, channels[sourceChannel]?.sourceScript.flatMap { scripts.channels[$0] })
        add(.mta, scripts.mta)
    }

    private mutating func add(_ level: FilterLevels.Level, _ script: Script?) {
        guard let script else { return }
        drafts.append(ScriptDraft(level: level, rank: .ruleset, name: script.name, script: script))
    }

    private mutating func askUserFolder() {
        for mailbox in mailboxes {
            let name = mailbox.address + ScriptQuestion.suffix
            // Who can't be a file's name has none.
            guard ScriptQuestion.isName(name) else { continue }
            ask(.script(ScriptQuestion(store: ScriptQuestion.users, path: name)), .userFile(mailbox))
        }
    }

    /// Whether the user's entry is asked for.
    private var asksForEntry: Bool { isOurs && policy.directory != nil }

    private mutating func askDirectory(hasOwn: Bool) {
        guard let directory = policy.directory else { return }
        var wanted = hasOwn ? [] : [directory.attribute]
        wanted += [directory.householdReference, directory.householdSwitch].filter { !$0.isEmpty }
        if urls.contains(where: { $0.url.needsUID }) { wanted.append(directory.uidAttribute) }
        if !wanted.isEmpty {
            for mailbox in mailboxes {
                ask(
                    .directory(
                        DirectoryQuestion(
                            directory: directory.name, base: "", scope: .sub,
                            filter: mailbox.filter(directory.filter), attributes: wanted)),
                    .userEntry(mailbox))
            }
        }
        guard !directory.domainFilter.isEmpty, let mailbox = mailboxes.first else { return }
        ask(
            .directory(
                DirectoryQuestion(
                    directory: directory.name, base: "", scope: .sub,
                    filter: mailbox.filter(directory.domainFilter), attributes: [directory.domainAttribute])),
            .domainEntry)
    }

    private var urls: [(level: FilterLevels.Level, url: FilterURL, store: String)] {
        let destination = ruleset.policy.channels[recipient.channel]?.filters
        let source = ruleset.policy.channels[sourceChannel]?.filters
        let all: [(FilterLevels.Level, FilterURL?, String, String)] = [
            (.user, destination?.user, recipient.channel, "filter"),
            (.destinationChannel, destination?.destination, recipient.channel, "destination_filter"),
            (.sourceChannel, source?.source, sourceChannel, "source_filter"),
        ]
        return all.compactMap { level, url, channel, key in
            url.map { (level, $0, ChannelFilters.store(channel: channel, key: key)) }
        }
    }

    private mutating func plan(_ url: FilterURL, _ level: FilterLevels.Level, _ store: String) {
        if level == .user, best(.user)?.rank == .ruleset { return }
        guard let mailbox = mailboxes.first else { return }
        var uid: String?
        if let directory = policy.directory, let entry { uid = entry.values(directory.uidAttribute).first }
        let person = FilterPattern.Person(
            mailbox, detail: detail, uid: uid, uidSeparator: policy.directory?.uidSeparator ?? "")
        switch url {
        case .fixed:
            guard let script = ruleset.scripts.filters[store] else { return }
            drafts.append(ScriptDraft(level: level, rank: .url, name: script.name, script: script))
        case .file(let store, let path):
            guard let path = expanded(path, person, .fileName, level, store) else { return }
            let question = ScriptQuestion(store: store, path: path)
            guard question.names != nil else {
                return fail(level, .url, store, "\"\(path)\" is no path of a script", isTransient: false)
            }
            ask(.script(question), .url(level, name: path))
        case .text(let text):
            guard let text = expanded(text, person, .script, level, store) else { return }
            drafts.append(ScriptDraft(level: level, rank: .url, name: store, text: text))
        case .directory(let search):
            guard let base = expanded(search.base, person, .directoryName, level, store),
                let filter = expanded(search.filter, person, .directoryFilter, level, store)
            else { return }
            ask(
                .directory(
                    DirectoryQuestion(
                        directory: search.directory, base: base, scope: search.scope, filter: filter,
                        attributes: search.attributes)), .urlEntry(level, attributes: search.attributes))
        }
    }

    /// Nil where the URL leads nowhere, or can't be followed; both are noted.
    private mutating func expanded(
        _ pattern: FilterPattern, _ person: FilterPattern.Person, _ quoting: FilterPattern.Quoting,
        _ level: FilterLevels.Level, _ store: String
    ) -> String? {
        switch pattern.expand(person, quoting) {
        case .text(let text): return text
        case .absent(let reason): note(level, "of \(store) is nobody's: \(reason)")
        case .refused(let reason): fail(level, .url, store, reason, isTransient: false)
        }
        return nil
    }

    mutating func fail(
        _ level: FilterLevels.Level, _ rank: ScriptDraft.Rank, _ name: String, _ reason: String,
        isTransient: Bool
    ) {
        var draft = ScriptDraft(level: level, rank: rank, name: name)
        draft.failure = reason
        draft.isTransient = isTransient
        drafts.append(draft)
    }

    // MARK: Answers

    mutating func take(_ answer: Answer, _ purpose: ScriptPurpose) {
        switch purpose {
        case .userFile(let mailbox):
            takeFile(answer, .user, .folder, "users/\(mailbox.address)\(ScriptQuestion.suffix)", mailbox)
        case .url(let level, let name): takeFile(answer, level, .url, name, mailboxes.first)
        case .include(let draft, let name): takeInclude(answer, draft, name)
        case .userEntry: takeUserEntry(answer)
        case .domainEntry:
            guard let directory = policy.directory, let entry = firstEntry(answer, .domain, .directory) else {
                return
            }
            takeValues(entry, directory.domainAttribute, .domain, .directory)
        case .household(let name): takeHousehold(answer, name)
        case .urlEntry(let level, let attributes):
            guard let entry = firstEntry(answer, level, .url),
                let attribute = attributes.first(where: { !entry.values($0).isEmpty })
            else { return }
            takeValues(entry, attribute, level, .url)
        }
    }

    private mutating func takeFile(
        _ answer: Answer, _ level: FilterLevels.Level, _ rank: ScriptDraft.Rank, _ name: String,
        _ mailbox: Mailbox?
    ) {
        // The whole address was asked about first, and counts before the one without a detail.
        guard !drafts.contains(where: { $0.level == level && $0.rank == rank }) else { return }
        switch answer {
        case .script(.text(let text)):
            var draft = ScriptDraft(level: level, rank: rank, name: name, text: text)
            if let mailbox, ScriptQuestion.isName(mailbox.address) { draft.folder = mailbox.address }
            drafts.append(draft)
        case .script(.none): break
        case .script(.unreachable(let reason)), .unavailable(let reason):
            fail(level, rank, name, reason, isTransient: true)
        case .script(.refused(let reason)): fail(level, rank, name, reason, isTransient: false)
        default: fail(level, rank, name, "the answer is to another question", isTransient: true)
        }
    }

    private mutating func takeInclude(_ answer: Answer, _ index: Int, _ name: String) {
        guard drafts.indices.contains(index) else { return }
        switch answer {
        case .script(.text(let text)): drafts[index].personal[name] = text
        // Whether that is a mistake, the compiler says: it may be `:optional`.
        case .script(.none), .script(.refused): break
        case .script(.unreachable(let reason)), .unavailable(let reason):
            drafts[index].failure = "\(drafts[index].name) includes \"\(name)\": \(reason)"
            drafts[index].isTransient = true
        default:
            drafts[index].failure = "the answer is to another question"
            drafts[index].isTransient = true
        }
    }

    /// The first entry of an answer; nil, with a failure where there is one to note.
    private mutating func firstEntry(
        _ answer: Answer, _ level: FilterLevels.Level, _ rank: ScriptDraft.Rank
    ) -> DirectoryEntry? {
        switch answer {
        case .directory(.entries(let entries)): return entries.first
        case .directory(.none): return nil
        // A search that is wrong is the operator's mistake, and must not open the way for what a script
        // stops.
        case .directory(.unreachable(let reason)), .directory(.refused(let reason)),
            .unavailable(let reason):
            fail(level, rank, "the directory", reason, isTransient: true)
        default: fail(level, rank, "the directory", "the answer is to another question", isTransient: true)
        }
        return nil
    }

    private mutating func takeUserEntry(_ answer: Answer) {
        guard let directory = policy.directory, entry == nil else { return }
        switch answer {
        case .directory(.entries(let entries)):
            guard let found = entries.first else { return }
            entry = found
            takeValues(found, directory.attribute, .user, .directory)
        case .directory(.none): break
        default:
            _ = firstEntry(answer, .user, .directory)
            // Nobody knows whether a household's filter is to be imposed.
            if !directory.householdReference.isEmpty { _ = firstEntry(answer, .household, .directory) }
        }
    }

    private mutating func takeHousehold(_ answer: Answer, _ name: String) {
        guard let directory = policy.directory else { return }
        switch answer {
        case .directory(.refused(let reason)):
            // A reference to an entry that is gone: to come again won't help.
            fail(.household, .directory, name, "\(name): \(reason)", isTransient: false)
        case .directory(.none):
            fail(.household, .directory, name, "\(name): there is no such entry", isTransient: false)
        default:
            guard let entry = firstEntry(answer, .household, .directory) else { return }
            takeValues(entry, directory.householdAttribute, .household, .directory)
            let owner = entry.values(directory.householdOwner).first.flatMap { Address($0) }
            for index in drafts.indices where drafts[index].level == .household {
                drafts[index].owner = owner
            }
        }
    }

    /// The script that an attribute holds: its values are rules, joined by their order.
    private mutating func takeValues(
        _ entry: DirectoryEntry, _ attribute: String, _ level: FilterLevels.Level, _ rank: ScriptDraft.Rank
    ) {
        let values = entry.values(attribute).filter { !$0.isEmpty }
        guard let first = values.first else { return }
        let isOne = values.count == 1 && !first.contains("$Rule Info:")
        let text = isOne ? first : StoredRules(joining: values).runnable
        // All of its rules may be switched off.
        guard !text.isEmpty else { return }
        var draft = ScriptDraft(
            level: level, rank: rank, name: "\(attribute) of \(entry.name)", text: text)
        if let mailbox = mailboxes.last, ScriptQuestion.isName(mailbox.address) {
            draft.folder = mailbox.address
        }
        drafts.append(draft)
    }
}

extension DirectoryEntry {
    /// Of an attribute, whose name compares without regard to case; empty where it isn't there.
    fileprivate func values(_ attribute: String) -> [String] {
        let folded = attribute.lowercased()
        return attributes.first { $0.name.lowercased() == folded }?.values ?? []
    }
}
