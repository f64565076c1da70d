// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

extension SettingsReader {
    struct VerifiedDomains {
        /// To the channel that it leaves by.
        var channels: [String: String] = [:]
        var policies: [String: VerificationPolicy.Domain] = [:]
    }

    /// What `recipients` may name.
    struct RecipientServices {
        var databases: [String]
        var directories: [String]
    }

    /// `[domain."example.net"]`, the long form of a line in `[domains]`.
    mutating func readVerifiedDomains(
        _ channels: [String: ChannelTable], short: [String: String], services: [ServiceSettings.Service],
        asking sources: RecipientServices
    ) -> VerifiedDomains {
        var domains = VerifiedDomains()
        for (name, table) in namedTables("domain") {
            var table = table
            let folded = name.value.lowercased()
            checkDomain(name, services: services)
            if short[folded] != nil || domains.channels[folded] != nil {
                reading.complain(
                    at: name.place, "domain \(folded) is given twice",
                    help: "keep one: a line in [domains], or [domain.\"\(folded)\"]; case doesn't matter")
            }
            let channel = table.required("channel", example: "channel = \"inside\"")
            if let channel {
                checkChannel(channel, table.name("channel"), in: channels)
                if let known = channels[channel.value], known.route == nil {
                    reading.complain(
                        at: channel.place,
                        "channel \(channel.value) has no way out, but domain \(folded) leaves by it",
                        help: "add a maildir or a next_hop under [channel.\(channel.value)]")
                }
            }
            let policy = readDomainPolicy(
                &table, route: channel.flatMap { channels[$0.value]?.route }, sources)
            table.close()
            guard let channel else { continue }
            domains.channels[folded] = channel.value
            domains.policies[folded] = policy
        }
        return domains
    }

    private func readDomainPolicy(
        _ table: inout TableReader, route: RouteSettings?, _ sources: RecipientServices
    ) -> VerificationPolicy.Domain {
        let recipients = table.string("recipients")
        let kindName = table.string("kind")
        let filter = table.string("recipient_filter")
        let attributes = table.strings("recipient_attributes", countMax: 20)
        let separator = table.string("detail_separator")
        let onFailure: VerificationPolicy.OnFailure = table.word("on_failure", default: .defer)
        let source = recipients.flatMap {
            readSource($0, filter: filter, attributes: attributes?.map(\.value), route: route, table, sources)
        }
        let kind: VerificationPolicy.Domain.Kind =
            kindName.flatMap { table.word($0, name: table.name("kind")) }
            ?? (recipients == nil ? .internalRelay : .authoritative)
        if kind == .authoritative, recipients == nil, let kindName {
            reading.complain(
                at: kindName.place, "\(table.path) is authoritative, but nothing says who its recipients are",
                help: "add recipients = \"database:NAME\", \"directory:NAME\" or \"call_ahead\"")
        }
        if kind == .internalRelay, let recipients, recipients.value != "call_ahead" {
            reading.complain(
                at: recipients.place,
                "\(table.path) is an internal relay: only the next hop knows its recipients",
                help: "write recipients = \"call_ahead\", or kind = \"authoritative\"")
        }
        for (key, place) in [
            ("recipient_filter", filter?.place), ("recipient_attributes", attributes?.first?.place),
        ] {
            guard let place, recipients?.value.hasPrefix("directory:") != true else { continue }
            reading.complain(
                at: place, "\(table.name(key)) means nothing without a directory",
                help: "take it out, or write recipients = \"directory:NAME\"")
        }
        if let separator, separator.value.utf8.count != 1 || !separator.value.utf8.allSatisfy(Self.isMark) {
            reading.complain(
                at: separator.place, "\(table.name("detail_separator")) can't divide an address",
                help: "write one sign, such as \"+\"")
        }
        return VerificationPolicy.Domain(
            kind: kind, recipients: source, onFailure: onFailure, detailSeparator: separator?.value)
    }

    /// A sign that may stand in a local part (RFC 5321 §4.1.2) and divides it.
    private static func isMark(_ octet: UInt8) -> Bool { "!#$%&'*+-/=?^_`{|}~.".utf8.contains(octet) }

    private func readSource(
        _ said: Located<String>, filter: Located<String>?, attributes: [String]?, route: RouteSettings?,
        _ table: TableReader, _ sources: RecipientServices
    ) -> VerificationPolicy.RecipientSource? {
        if said.value == "call_ahead" {
            if let route, case .smtp = route.destination { return .callAhead }
            if route != nil {
                reading.complain(
                    at: said.place, "\(table.name("recipients")): a maildir can't be asked who is there",
                    help: "call_ahead needs a channel with a next_hop; name a database or a directory")
            }
            return nil
        }
        let parts = said.value.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1).map {
            String(Substring($0))
        }
        if parts.count == 2, parts[0] == "database" {
            checkService(parts[1], "database", at: said.place, among: sources.databases)
            return .database(parts[1])
        }
        if parts.count == 2, parts[0] == "directory" {
            checkService(parts[1], "directory", at: said.place, among: sources.directories)
            let filter = checked(filter, table)
            return .directory(
                VerificationPolicy.DirectorySource(
                    name: parts[1], filter: filter ?? "(mail=%a)", attributes: attributes ?? ["mail"]))
        }
        let near = Nearness.nearest(to: said.value, among: ["call_ahead"]).map { "did you mean \"\($0)\"? " }
        reading.complain(
            at: said.place, "\(table.name("recipients")) can't be \"\(said.value)\"",
            help: "\(near ?? "")write \"database:NAME\", \"directory:NAME\" or \"call_ahead\"")
        return nil
    }

    private func checked(_ filter: Located<String>?, _ table: TableReader) -> String? {
        guard let filter else { return nil }
        if let mistake = Mailbox.mistake(inFilter: filter.value) {
            reading.complain(
                at: filter.place, "\(table.name("recipient_filter")) is no filter: \(mistake)",
                help: "write \"(mail=%a)\" or \"(&(objectClass=person)(uid=%u))\"")
        }
        return filter.value
    }

    private func checkService(_ name: String, _ thing: String, at place: TOMLRegion, among known: [String]) {
        guard !known.contains(name) else { return }
        let near = Nearness.nearest(to: name, among: known).map { "did you mean \"\($0)\"? " } ?? ""
        reading.complain(
            at: place, "there is no \(thing) \"\(name)\"",
            help: "\(near)add [\(thing).\(name)], or name one of: "
                + (known.isEmpty ? "none is there yet" : known.sorted().joined(separator: ", ")))
    }
}
