// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

extension SettingsReader {
    // MARK: DNS lists

    mutating func readDNSLists() -> (policy: DNSListsPolicy, settings: [DNSListSettings]) {
        var lists: [DNSListsPolicy.DNSList] = []
        var settings: [DNSListSettings] = []
        for (name, table) in namedTables("dns_list") {
            checkName(name, of: "DNS list")
            var table = table
            let isSelfTested = table.flag("self_test", default: true)
            let list = readDNSList(name.value, &table)
            table.close()
            guard let list else { continue }
            guard lists.count < DNSListsPolicy.listsMax else {
                reading.complain(
                    at: name.place, "there are more than \(DNSListsPolicy.listsMax) DNS lists",
                    help: "each is a question for every client: keep those that refuse something")
                break
            }
            lists.append(list)
            settings.append(
                DNSListSettings(
                    name: list.name, zone: list.zone, isByName: list.subject != .client,
                    isSelfTested: isSelfTested))
        }
        var table = table("dns_lists")
        let at = ["reject_at", "defer_at", "hold_at"].map { key in
            table.integer(key, default: key == "reject_at" ? 1 : 0, in: 0...100_000)
        }
        let policy = DNSListsPolicy(
            lists: lists, rejectAt: at[0] > 0 ? at[0] : nil, deferAt: at[1] > 0 ? at[1] : nil,
            holdAt: at[2] > 0 ? at[2] : nil, onFailure: table.word("on_failure", default: .ignore))
        checkThresholds(policy, table)
        table.close()
        return (policy, settings)
    }

    private func readDNSList(_ name: String, _ table: inout TableReader) -> DNSListsPolicy.DNSList? {
        let zone = table.required("zone", example: "zone = \"dnsbl.example.org\"")
        let kind: DNSListsPolicy.DNSList.Kind = table.word("kind", default: .block)
        let subject: DNSListsPolicy.DNSList.Subject = table.word("of", default: .client)
        let answers = (table.strings("answers", countMax: 64) ?? []).compactMap(listAnswer)
        let weight = table.integer("weight", default: 1, in: 1...1_000)
        let hasWeight = table.place(of: "weight") != nil
        let text = table.string("text")
        if let text,
            !text.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) || text.value.utf8.count > 200
        {
            reading.complain(
                at: text.place, "\(table.name("text")) can't stand in an SMTP reply",
                help: "write at most 200 characters of printable ASCII")
        }
        guard let zone else { return nil }
        // The longest name asked for in it is an IPv6 address: 32 digits, each with a dot.
        guard let folded = DNSQuestion(name: zone.value, type: .a)?.name, folded.utf8.count <= 189 else {
            reading.complain(
                at: zone.place, "\"\(zone.value)\" is no zone of a DNS list",
                help: "write the list's domain, such as \"dnsbl.example.org\"")
            return nil
        }
        return DNSListsPolicy.DNSList(
            name: name, zone: folded, kind: kind, subject: subject, answers: answers,
            weight: hasWeight || kind == .block ? weight : nil, text: text?.value)
    }

    private func listAnswer(_ said: Located<String>) -> AddressRange? {
        let help = "write \"127.0.0.2\", \"127.0.0.4/30\" or \"127.0.0.2-127.0.0.11\""
        guard let range = AddressRange(said.value) else {
            reading.complain(at: said.place, "\"\(said.value)\" is no range of addresses", help: help)
            return nil
        }
        guard let listings = AddressRange("127.0.0.0/8"), listings.contains(range.first),
            listings.contains(range.last)
        else {
            reading.complain(
                at: said.place, "\"\(said.value)\" is outside 127.0.0.0/8, where a list's answers are",
                help: help)
            return nil
        }
        if let errors = AddressRange("127.255.255.0/24"), errors.contains(range.last) {
            reading.complain(
                at: said.place,
                "\"\(said.value)\" holds 127.255.255.x, by which lists say that they didn't answer",
                help: "\(help); such answers are always taken for an error of the list")
            return nil
        }
        return range
    }

    /// A threshold behind a stronger one is never reached.
    private func checkThresholds(_ policy: DNSListsPolicy, _ table: TableReader) {
        let order = [
            ("reject_at", policy.rejectAt), ("defer_at", policy.deferAt), ("hold_at", policy.holdAt),
        ]
        for (index, (key, weight)) in order.enumerated() {
            guard let weight, let place = table.place(of: key),
                let stronger = order[..<index].first(where: { $0.1.map { $0 <= weight } ?? false })
            else { continue }
            reading.complain(
                at: place, "\(table.name(key)) is never reached: \(stronger.0) is \(stronger.1 ?? 0)",
                help: "let it be less than \(stronger.0), or write \(stronger.0) = 0 for never")
        }
    }

    // MARK: Senders

    mutating func readSenders() -> VerificationPolicy.Senders {
        var table = table("senders")
        let blocked = (table.strings("blocked_mail_from_ips", countMax: 1_000) ?? []).compactMap {
            said -> AddressRange? in
            if let range = AddressRange(said.value) { return range }
            reading.complain(
                at: said.place, "\"\(said.value)\" is no address or network",
                help: "write \"192.0.2.1\" or \"192.0.2.0/24\"")
            return nil
        }
        let senders = VerificationPolicy.Senders(
            blockedRanges: blocked, onFailure: table.word("on_failure", default: .defer))
        table.close()
        return senders
    }

    // MARK: Names of clients

    mutating func readClientNames() -> VerificationPolicy.ClientNames {
        var table = table("client_names")
        let names: VerificationPolicy.ClientNames = table.word("lookup", default: .needed)
        table.close()
        return names
    }

    // MARK: Greylisting

    mutating func readGreylist(
        channels: [String: ChannelTable], outside: String, meters: [MeterSettings]
    ) -> VerificationPolicy.Greylist? {
        var table = table("greylist")
        guard table.isPresent else { return nil }
        let meter = table.required("meter", example: "meter = \"grey\"")
        let said = table.strings("channels", countMax: 100)
        for channel in said ?? [] { checkChannel(channel, table.name("channels"), in: channels) }
        let key = (table.strings("key", countMax: 4) ?? []).compactMap {
            said -> VerificationPolicy.Greylist.Part? in
            table.word(said, name: "an element of \(table.name("key"))")
        }
        let clients = (table.strings("exempt_clients", countMax: 10_000) ?? []).compactMap {
            said -> VerificationPolicy.ClientPattern? in
            if let pattern = VerificationPolicy.ClientPattern(said.value) { return pattern }
            reading.complain(
                at: said.place, "\"\(said.value)\" is neither a network nor a host's name",
                help: "write \"192.0.2.0/24\", \"mx.example.net\" or \".example.net\" for every name below it"
            )
            return nil
        }
        let greylist = VerificationPolicy.Greylist(
            meter: meter?.value ?? "", channels: said?.map(\.value) ?? [outside],
            key: key.isEmpty ? [.client, .sender, .recipient] : key,
            prefixBitsIPv4: table.integer("ipv4_prefix", default: 24, in: 8...32),
            prefixBitsIPv6: table.integer("ipv6_prefix", default: 64, in: 16...128),
            exemptClients: clients,
            exemptsConfirmedNames: table.flag("exempt_confirmed_names", default: false),
            onFailure: table.word("on_failure", default: .accept))
        table.close()
        if let meter { check(meter, in: meters) }
        return greylist
    }

    private func check(_ meter: Located<String>, in meters: [MeterSettings]) {
        let known = meters.filter { $0.kind == .greylist }.map(\.name)
        guard !known.contains(meter.value) else { return }
        let isOther = meters.contains { $0.name == meter.value }
        let near = Nearness.nearest(to: meter.value, among: known).map { "did you mean \"\($0)\"? " } ?? ""
        reading.complain(
            at: meter.place,
            isOther
                ? "meter \"\(meter.value)\" is no greylist" : "there is no meter \"\(meter.value)\"",
            help: "\(near)add [meter.\(isOther ? "grey" : meter.value)] with type = \"greylist\"")
    }
}
