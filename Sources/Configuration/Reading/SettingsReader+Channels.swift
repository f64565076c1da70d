// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

extension SettingsReader {
    struct ChannelTable {
        var policy: Policy.Channel
        var route: RouteSettings?
        var session = SessionPolicy.Channel()
    }

    mutating func readChannels(_ gateway: GatewayTable) -> [String: ChannelTable] {
        var channels: [String: ChannelTable] = [:]
        for (name, table) in namedTables("channel") {
            checkName(name, of: "channel")
            channels[name.value] = readChannel(name.value, table, stateFolder: gateway.stateFolder)
        }
        for (channel, key) in [
            (gateway.outsideChannel, "outside_channel"), (gateway.insideChannel, "inside_channel"),
        ] {
            checkChannel(channel, "gateway.\(key)", in: channels)
        }
        checkSwitching(channels)
        return channels
    }

    private mutating func readChannel(
        _ name: String, _ table: TableReader, stateFolder: String
    ) -> ChannelTable {
        var table = table
        let maildir = table.string("maildir")
        let nextHop = table.string("next_hop")
        let connections = table.integer("connections", default: 10, in: 1...1_000)
        let session = readChannelSession(&table)
        let verifiesSenderDomains = table.flag("mailfromdnsverify", default: false)
        let scripts = ["destination_script", "source_script"].map { key in
            table.string(key).map { ScriptReference(script: $0, key: table.name(key)) }
        }
        let filters = readChannelFilters(name, &table, scripts: scripts)
        table.close()
        scriptReferences += scripts.compactMap { $0 }
        if let maildir, nextHop != nil {
            reading.complain(
                at: maildir.place, "\(table.path) has both a maildir and a next hop",
                help: "mail leaves a channel by one way: remove one of the two keys")
        }
        var destination: RouteSettings.Destination?
        // Below the state folder, since a maildir is as much state as the queue is.
        if let path = path(maildir, table.name("maildir"), below: stateFolder) {
            destination = .maildir(path)
        }
        if let nextHop {
            if let hop = NextHop(nextHop.value) {
                destination = .smtp(hop)
            } else {
                reading.complain(
                    at: nextHop.place, "\(table.name("next_hop")) is no host and port",
                    help: "write next_hop = \"mail.example.net:25\", \"192.0.2.1:25\" or \"[2001:db8::1]:25\""
                )
            }
        }
        var policy = Policy.Channel(
            hasRoute: destination != nil, destinationScript: scripts[0]?.script.value,
            sourceScript: scripts[1]?.script.value)
        policy.verifiesSenderDomains = verifiesSenderDomains
        policy.filters = filters
        return ChannelTable(
            policy: policy,
            route: destination.map { RouteSettings(destination: $0, connections: connections) },
            session: session)
    }

    mutating func readDomains(
        _ channels: [String: ChannelTable], services: [ServiceSettings.Service]
    ) -> [String: String] {
        var domains: [String: String] = [:]
        for (name, channel) in namedStrings("domains") {
            let folded = name.value.lowercased()
            checkDomain(name, services: services)
            if domains[folded] != nil {
                reading.complain(
                    at: name.place, "domain \(folded) is given twice",
                    help: "keep one of the two; case doesn't matter")
            }
            checkChannel(channel, "the channel of domain \(folded)", in: channels)
            if let known = channels[channel.value], known.route == nil {
                reading.complain(
                    at: channel.place,
                    "channel \(channel.value) has no way out, but domain \(folded) leaves by it",
                    help: "add a maildir or a next_hop under [channel.\(channel.value)]")
            }
            domains[folded] = channel.value
        }
        return domains
    }

    /// A domain name; with a leading dot, all domains below it; a dot alone, every domain there is.
    func checkDomain(_ name: Located<String>, services: [ServiceSettings.Service]) {
        if name.value == "." {
            // Every domain accepted is an open relay, which only a loopback port may be.
            if services.contains(where: { !$0.listen.address.isLoopback }) {
                reading.complain(
                    at: name.place,
                    "\".\" accepts every domain: on a port that is not loopback this is an open relay",
                    help: "name the domains that you accept mail for; \".\" is for tests on 127.0.0.1")
            }
            return
        }
        let bare = name.value.hasPrefix(".") ? String(name.value.dropFirst()) : name.value
        guard DNSQuestion(name: bare, type: .a) == nil || bare.hasSuffix(".") else { return }
        reading.complain(
            at: name.place, "\"\(name.value)\" is no domain",
            help: "write \"example.net\", or \".example.net\" for every domain below it")
    }

    /// `<postmaster>` without a domain has to reach somebody (RFC 5321 §4.5.1).
    func checkPostmaster(_ gateway: GatewayTable, channels: [String: ChannelTable], domains: [String: String])
    {
        guard let postmaster = gateway.postmaster else { return }
        let policy = Policy(
            hostname: gateway.hostname, channels: [:], domains: domains,
            outsideChannel: gateway.outsideChannel.value, postmaster: postmaster.value)
        let channel = domains["."] ?? policy.destinationChannel(of: postmaster.value.domain)
        guard let known = channels[channel], known.route == nil else { return }
        reading.complain(
            at: postmaster.place,
            "mail for the postmaster has no way out: channel \(channel) has no route",
            help: "choose a postmaster in one of [domains], or give [channel.\(channel)] a next_hop")
    }

    func checkChannel(_ channel: Located<String>, _ what: String, in channels: [String: ChannelTable]) {
        guard channels[channel.value] == nil else { return }
        let known = channels.keys.sorted()
        let near = Nearness.nearest(to: channel.value, among: known).map { "did you mean \"\($0)\"? " } ?? ""
        let list = known.isEmpty ? "none" : known.joined(separator: ", ")
        reading.complain(
            at: channel.place, "\(what) is \"\(channel.value)\", but there is no such channel",
            help: "\(near)channels here: \(list); add [channel.NAME] for a new one")
    }
}
