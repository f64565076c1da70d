// SPDX-License-Identifier: MIT

internal import Gates
internal import Glibc
internal import Mail
internal import SieveLanguage

extension SettingsReader {
    /// A channel's filter URL as the file has it: whom it asks is known once the directories are read.
    struct FilterReference: Sendable {
        var channel: String
        var key: String
        var said: Located<String>
        /// As messages name it.
        var name: String
    }

    /// Header fields that scripts may be kept from, at most: a header has no more kinds.
    private static let protectedFieldsMax = 200
    /// Capabilities that users' scripts may be kept from, at most: there are fewer.
    private static let withheldMax = 200

    /// What stands in `[channel.NAME]` about filters.
    mutating func readChannelFilters(
        _ name: String, _ table: inout TableReader, scripts: [ScriptReference?]
    ) -> ChannelFilters {
        var filters = ChannelFilters()
        for key in FilterFile.keys {
            guard let said = table.string(key) else { continue }
            filterReferences.append(
                FilterReference(channel: name, key: key, said: said, name: table.name(key)))
            let short = scripts.compactMap { $0 }.first {
                $0.key.hasSuffix(key.replacing("_filter", with: "_script"))
            }
            if let short {
                reading.complain(
                    at: said.place, "\(table.path) has both \(key) and \(short.key)",
                    help:
                        "keep one: \(short.key) = \"NAME\" is short for \(key) = \"file:channels/NAME.sieve\""
                )
            }
        }
        filters.destinationOnError = readOnError("destination_on_error", &table)
        filters.sourceOnError = readOnError("source_on_error", &table)
        return filters
    }

    private func readOnError(_ key: String, _ table: inout TableReader) -> Policy.ScriptErrorPolicy? {
        table.string(key).flatMap { table.word($0, name: table.name(key)) }
    }

    /// `[sieve]`, and the URLs of channels, whose policies change by it.
    mutating func readFilters(
        _ gateway: GatewayTable, directories: [DirectorySettings], channels: inout [String: ChannelTable]
    ) -> (policy: FilterPolicy, settings: FilterSettings) {
        var policy = FilterPolicy()
        var settings = FilterSettings()
        var table = table("sieve")
        let folder = table.string("user_folder")
        if let folder, let path = path(folder, table.name("user_folder"), below: surroundings.folder) {
            policy.readsUserFolder = true
            settings.folders[ScriptQuestion.users] = path
            checkFolder(path, at: folder.place, name: table.name("user_folder"))
        }
        let homes = path(table.string("home_folders"), table.name("home_folders"), below: surroundings.folder)
        policy.onUnreachable = table.word("on_unreachable", default: .defer)
        policy.mtaOnError = readOnError("mta_on_error", &table)
        policy.domainOnError = readOnError("domain_on_error", &table)
        policy.householdOnError = readOnError("household_on_error", &table)
        readWithheld(&table, &policy)
        readScriptSettings(&table, &policy)
        var limits = table.table("limits")
        var users = limits.table("user")
        policy.userLimits = readLimits(&users, policy.userLimits)
        users.close()
        var operators = limits.table("operator")
        policy.operatorLimits = readLimits(&operators, policy.operatorLimits)
        operators.close()
        limits.close()
        policy.directory = readScriptDirectory(&table, directories)
        table.close()
        resolveFilters(gateway, homes: homes, directories, &channels, &settings)
        if policy.directory == nil {
            for reference in filterReferences
            where channels[reference.channel]?.policy.filters.url(reference.key)?.readsUID == true {
                reading.complain(
                    at: reference.said.place,
                    "\(reference.name) has $M or $I, which only a directory knows",
                    help: "add [sieve.directory] with its name, or use $L, $U or $A")
            }
        }
        return (policy, settings)
    }

    func checkFolder(_ path: String, at place: TOMLRegion, name: String) {
        guard surroundings.isMachineChecked else { return }
        var about = stat()
        guard stat(path, &about) == 0, about.st_mode & S_IFMT == S_IFDIR, access(path, R_OK | X_OK) == 0
        else {
            reading.complain(
                at: place, "\(name): \(path) is no folder that can be read",
                help: "make it, and see that postern's user may read it")
            return
        }
    }

    private func readWithheld(_ table: inout TableReader, _ policy: inout FilterPolicy) {
        guard let said = table.strings("withheld_from_users", countMax: Self.withheldMax) else { return }
        let known = Script.supportedCapabilities
        for name in said where !known.contains(name.value) {
            let near = Nearness.nearest(to: name.value, among: known).map {
                "did you mean \"\($0)\"? "
            }
            reading.complain(
                at: name.place, "\"\(name.value)\" is no capability of Sieve scripts here",
                help: "\(near ?? "")take it out: it can't be required anyway")
        }
        policy.withheldFromUsers = Set(said.map(\.value))
    }

    private func readScriptSettings(_ table: inout TableReader, _ policy: inout FilterPolicy) {
        if let said = table.string("recipient_delimiters") {
            if said.value.utf8.contains(where: { !"!#$%&'*+-/=?^_`{|}~.".utf8.contains($0) }) {
                reading.complain(
                    at: said.place, "\(table.name("recipient_delimiters")) holds what divides no address",
                    help: "write signs, such as \"+\" or \"+-\"; \"\" for none")
            }
            policy.settings.recipientDelimiters = said.value
        }
        if let said = table.string("time_zone") {
            if let minutes = Self.minutes(said.value) {
                policy.settings.zoneOffsetMinutes = minutes
            } else {
                reading.complain(
                    at: said.place, "\(table.name("time_zone")) is no difference from UTC",
                    help: "write \"+01:00\" or \"-0530\"")
            }
        }
        policy.settings.vacationSecondsMin = table.duration(
            "vacation_min", default: policy.settings.vacationSecondsMin, in: 0...7_776_000)
        policy.settings.vacationFromRecipient = table.flag("vacation_from_recipient", default: false)
        if let sender = readSender("redirect_sender", &table) { policy.settings.redirectSender = sender }
        policy.settings.notificationSender = readSender("notification_sender", &table)
        if let sender = readSender("report_from", &table) { policy.settings.reportFrom = sender }
        let fields = table.strings("protected_fields", countMax: Self.protectedFieldsMax) ?? []
        for field in fields { checkField(field, table.name("protected_fields")) }
        let names = Set(fields.map { $0.value.lowercased() })
        policy.settings.unaddableFields.formUnion(names)
        policy.settings.undeletableFields.formUnion(names)
        if let field = table.string("flags_field"), !field.value.isEmpty {
            checkField(field, table.name("flags_field"))
            policy.flagsField = field.value
            policy.settings.unaddableFields.insert(field.value.lowercased())
        }
    }

    private func checkField(_ field: Located<String>, _ name: String) {
        // RFC 5322 §3.6.8.
        let isName =
            (1...64).contains(field.value.utf8.count)
            && field.value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
        guard !isName else { return }
        reading.complain(
            at: field.place, "\(name): \"\(field.value)\" can't be the name of a header field",
            help: "write it without the colon, such as \"X-Flags\"")
    }

    private func readSender(_ key: String, _ table: inout TableReader) -> SenderPolicy? {
        guard let said = table.string(key) else { return nil }
        switch said.value {
        case "sender": return .sender
        case "recipient": return .recipient
        case "original_recipient": return .originalRecipient
        case "postmaster": return .postmaster
        case "nobody": return .fixed(nil)
        default:
            if let address = Address(said.value), !address.domain.isEmpty { return .fixed(address) }
            reading.complain(
                at: said.place, "\(table.name(key)) can't be \"\(said.value)\"",
                help: "it takes \"sender\", \"recipient\", \"original_recipient\", \"postmaster\","
                    + " \"nobody\" or a mail address")
            return nil
        }
    }

    /// `+01:00`, `-0530`; nil for anything else.
    private static func minutes(_ text: String) -> Int? {
        let octets = Array(text.utf8).filter { $0 != UInt8(ascii: ":") }
        guard octets.count == 5, octets[0] == UInt8(ascii: "+") || octets[0] == UInt8(ascii: "-"),
            octets.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let digits = octets.dropFirst().map { Int($0) - 0x30 }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours <= 14, minutes < 60 else { return nil }
        return (octets[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private func readLimits(_ table: inout TableReader, _ standard: SieveLimits) -> SieveLimits {
        var limits = standard
        limits.scriptOctetsMax = table.size(
            "script_size", default: standard.scriptOctetsMax, in: 1_024...16_777_216)
        limits.instructionsMax = table.integer(
            "instructions", default: standard.instructionsMax, in: 100...10_000_000)
        limits.actionsMax = table.integer("actions", default: standard.actionsMax, in: 1...1_000)
        limits.redirectsMax = table.integer("redirects", default: standard.redirectsMax, in: 0...100)
        limits.notificationsMax = table.integer(
            "notifications", default: standard.notificationsMax, in: 0...100)
        limits.includesMax = table.integer("includes", default: standard.includesMax, in: 0...1_000)
        limits.bodyOctetsMax = table.size(
            "body_size", default: standard.bodyOctetsMax, in: 65_536...1_073_741_824)
        limits.matchedOctetsMax = table.size(
            "matched_size", default: standard.matchedOctetsMax, in: 65_536...1_073_741_824)
        limits.wildcardStepsMax = table.integer(
            "wildcard_steps", default: standard.wildcardStepsMax, in: 10_000...100_000_000)
        limits.questionsMax = table.integer("questions", default: standard.questionsMax, in: 0...1_000)
        return limits
    }
}

extension ChannelFilters {
    /// By the key that sets it.
    func url(_ key: String) -> FilterURL? {
        switch key {
        case "filter": user
        case "destination_filter": destination
        default: source
        }
    }

    mutating func set(_ key: String, _ url: FilterURL) {
        switch key {
        case "filter": user = url
        case "destination_filter": destination = url
        default: source = url
        }
    }
}
