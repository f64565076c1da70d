// SPDX-License-Identifier: MIT

internal import Mail

/// The configuration of test files, in the words that the language's reference suite uses.
enum SuiteSettings {
    static let postmaster = Address(localPart: "postmaster", domain: "example.org")

    static func settings(
        _ configuration: [String: String], mailboxes: some Collection<String>
    ) -> (settings: SieveSettings, limits: SieveLimits) {
        var settings = SieveSettings()
        var limits = SieveLimits()
        settings.folders = Set(mailboxes)
        // Files may set any interval.
        settings.vacationSecondsMin = seconds(configuration["sieve_vacation_min_period"]) ?? 86_400
        settings.vacationSubject = text(configuration["sieve_vacation_default_subject"])
        settings.vacationSubjectTemplate = text(configuration["sieve_vacation_default_subject_template"])
        settings.vacationToIgnoresEnvelope = isOn(configuration["sieve_vacation_to_header_ignore_envelope"])
        settings.vacationFromRecipient = isOn(configuration["sieve_vacation_send_from_recipient"])
        settings.vacationUsesOriginalRecipient = isOn(
            configuration["sieve_vacation_use_original_recipient"])
        settings.vacationIgnoresRecipients =
            configuration["sieve_vacation_check_recipient"].map { !isOn($0) }
            ?? isOn(configuration["sieve_vacation_dont_check_recipient"])
        if let text = configuration["recipient_delimiter"] { settings.recipientDelimiters = text }
        settings.userAddress = text(configuration["sieve_user_email"])
        settings.reportFrom = policy(configuration["sieve_report_from"]) ?? .postmaster
        settings.redirectSender = policy(configuration["sieve_redirect_envelope_from"]) ?? .sender
        settings.notificationSender = policy(configuration["sieve_notify_mailto_envelope_from"])
        settings.spamHeader = header("spamtest", configuration)
        settings.virusHeader = header("virustest", configuration)
        if let most = number(configuration["sieve_notify_max_notifications"]) {
            limits.notificationsMax = most
        }
        if let most = size(configuration["sieve_editheader_max_header_size"]) {
            limits.addedHeaderOctetsMax = max(most, 1_024)
        }
        protect(&settings, configuration)
        for (name, _) in listFiles(configuration) { settings.lists[name] = name }
        if let most = size(configuration["sieve_variables_max_value_size"]) {
            limits.variableValueOctetsMax = most
        }
        if let most = size(configuration["sieve_variables_max_variable_size"]) {
            limits.variableValueOctetsMax = most
        }
        if let most = number(configuration["sieve_include_max_nesting_depth"]) {
            limits.includeDepthMax = most
        }
        if let most = number(configuration["sieve_include_max_includes"]) { limits.includesMax = most }
        if let most = number(configuration["sieve_max_actions"]) { limits.actionsMax = most }
        if let most = number(configuration["sieve_max_redirects"]) { limits.redirectsMax = most }
        return (settings, limits)
    }

    /// `sieve_editheader_header/<n>/name`, `forbid_add`, `forbid_delete`; and the older lists of names.
    private static func protect(_ settings: inout SieveSettings, _ configuration: [String: String]) {
        let groups = (configuration["sieve_editheader_header"] ?? "").split(separator: " ").map(String.init)
        for name in groups {
            let group = "sieve_editheader_header/\(name)/"
            let value = configuration[group + "name"] ?? name
            if isOn(configuration[group + "forbid_add"]) {
                settings.unaddableFields.insert(value.lowercased())
            }
            if isOn(configuration[group + "forbid_delete"]) {
                settings.undeletableFields.insert(value.lowercased())
            }
        }
        for (key, isAdding, isDeleting) in [
            ("sieve_editheader_protected", true, true), ("sieve_editheader_forbid_add", true, false),
            ("sieve_editheader_forbid_delete", false, true),
        ] {
            for name in (configuration[key] ?? "").lowercased().split(separator: " ").map(String.init) {
                if isAdding { settings.unaddableFields.insert(name) }
                if isDeleting { settings.undeletableFields.insert(name) }
            }
        }
    }

    /// `Header-Name: expression with one group`.
    private static func header(_ kind: String, _ configuration: [String: String]) -> HeaderScore? {
        let prefix = "sieve_\(kind)_"
        guard let (field, expression) = split(configuration[prefix + "status_header"]) else { return nil }
        let form: HeaderScore.Form
        var greatest = HeaderScore.Greatest.value(kind == "spamtest" ? 10 : 5)
        switch configuration[prefix + "status_type"] ?? "score" {
        case "strlen": form = .length
        case "text":
            var words: [String: Int] = [:]
            for value in 0...(kind == "spamtest" ? 10 : 5) {
                let text =
                    configuration[prefix + "text_value/\(value)"]
                    ?? configuration[prefix + "text_value\(value)"]
                if let text { words[text] = value }
            }
            form = .words(words)
        default: form = .number
        }
        if let value = (configuration[prefix + "score_max_value"] ?? configuration[prefix + "max_value"])
            .flatMap({ Double($0) })
        {
            greatest = .value(value)
        } else if let (name, expression) = split(
            configuration[prefix + "score_max_header"] ?? configuration[prefix + "max_header"])
        {
            greatest = .field(name, expression: expression)
        }
        return HeaderScore(field: field, expression: expression, form: form, greatest: greatest)
    }

    private static func split(_ text: String?) -> (name: String, expression: String?)? {
        guard let text, !text.isEmpty else { return nil }
        guard let colon = text.firstIndex(of: ":") else { return (text, nil) }
        let expression = text[text.index(after: colon)...].drop { $0 == " " }
        return (String(text[..<colon]), expression.isEmpty ? nil : String(expression))
    }

    static func isOn(_ text: String?) -> Bool {
        ["yes", "true", "y", "1", "on"].contains(text?.lowercased() ?? "")
    }

    /// What is set to nothing isn't set.
    private static func text(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    private static func number(_ text: String?) -> Int? { text.flatMap { Int($0) } }

    /// `5s`, `2m`, `1h`, `3d`, `1w`, or seconds.
    private static func seconds(_ text: String?) -> Int? {
        guard let text, let last = text.last else { return nil }
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        return product(text, units[last])
    }

    /// Nil for what no number holds.
    private static func product(_ text: String, _ unit: Int?) -> Int? {
        guard let unit else { return Int(text) }
        guard let number = Int(text.dropLast()) else { return nil }
        let (product, hasOverflown) = number.multipliedReportingOverflow(by: unit)
        return hasOverflown ? nil : product
    }

    /// `4k`, `1M`, or octets.
    private static func size(_ text: String?) -> Int? {
        guard let text, let last = text.last else { return nil }
        let units: [Character: Int] = ["b": 1, "k": 1_024, "K": 1_024, "m": 1_048_576, "M": 1_048_576]
        return product(text, units[last])
    }

    /// Whose address it is: the name of a policy, or an address in brackets.
    private static func policy(_ text: String?) -> SenderPolicy? {
        let words = (text ?? "").split { $0 == " " || $0 == "\t" }
        guard let word = words.first, words.count == 1, word != "default" else { return nil }
        switch word {
        case "sender": return .sender
        case "recipient": return .recipient
        case "orig_recipient": return .originalRecipient
        case "user_email": return .userAddress
        case "postmaster": return .postmaster
        default: return .fixed(SuiteAddress.read(Array(word.utf8)))
        }
    }

    /// What the world of a test file is: a mail store, named as nobody's, and what `sieve_environment` adds.
    static func environment(_ configuration: [String: String]) -> [String: String] {
        var items = [
            "name": "Postern", "version": "1", "location": "MS", "phase": "during", "domain": "example.org",
            "host": "gate.example.org", "remote-host": "client.example.net", "remote-ip": "192.0.2.1",
            "vnd.dovecot.default-mailbox": "INBOX", "vnd.dovecot.username": "user",
        ]
        for (key, value) in configuration where key.hasPrefix("sieve_environment/") {
            let name = key.dropFirst("sieve_environment/".count).lowercased()
            items[name] = value
            items["vnd.dovecot.config.\(name)"] = value
        }
        return items
    }

    /// The lists that `sieve_extlists_list/<n>/name` names, each with its `dict/file/path`.
    static func listFiles(_ configuration: [String: String]) -> [(name: String, file: String?)] {
        configuration.filter { $0.key.hasPrefix("sieve_extlists_list/") && $0.key.hasSuffix("/name") }
            .sorted { $0.key < $1.key }
            .map { ($0.value, configuration[$0.key.dropLast("name".count) + "dict/file/path"]) }
    }
}
