// SPDX-License-Identifier: MIT
import Gates
import Mail
import MappingTables
import SieveLanguage
import Testing

/// Rules and facts of a small house: `example.test` is ours, `tcp_local` the outside.
enum Rules {
    struct Mistakes: Error {
        let complaints: [Complaint]
    }

    static let policy = Policy(
        hostname: "gate.example.test",
        channels: [
            "tcp_local": Policy.Channel(hasRoute: false, sourceScript: "from-outside"),
            "tcp_intranet": Policy.Channel(hasRoute: false),
            "inside": Policy.Channel(hasRoute: true, destinationScript: "to-inside"),
            "partner": Policy.Channel(hasRoute: true),
            "broken": Policy.Channel(hasRoute: false),
        ],
        domains: [
            "example.test": "inside", ".branch.test": "inside", "partner.test": "partner",
            "broken.test": "broken",
        ],
        postmaster: Address(localPart: "postmaster", domain: "example.test"))

    static func make(
        _ mappings: String = "", mta: String? = nil, channels: [String: String] = [:],
        users: [String: String] = [:],
        policy: Policy = policy, databases: [String: String] = [:]
    ) throws -> Ruleset {
        let (tables, complaints) = TableSet.parse(
            main: "mappings", sources: ["mappings": Array(mappings.utf8)])
        guard !complaints.contains(where: { $0.severity == .error }) else {
            throw Mistakes(complaints: complaints)
        }
        let scripts = ScriptSet(
            mta: try mta.map { try script("mta.sieve", $0) },
            channels: try Dictionary(
                uniqueKeysWithValues: channels.map { ($0, try script("\($0).sieve", $1)) }),
            users: try Dictionary(uniqueKeysWithValues: users.map { ($0, try script("\($0).sieve", $1)) }))
        return Ruleset(
            hash: String(repeating: "0", count: 64), tables: tables, scripts: scripts, policy: policy,
            databases: databases.mapValues {
                .compiled(TextDatabase.parse(Array($0.utf8), file: "database").database)
            })
    }

    private static func script(_ name: String, _ source: String) throws -> Script {
        let required =
            #"require ["fileinto", "reject", "ereject", "copy", "envelope", "hold", "jettison"];"#
        let (script, complaints) = Script.compile(name: name, source: Array("\(required)\n\(source)".utf8))
        guard let script else { throw Mistakes(complaints: complaints) }
        return script
    }

    static let peer = Peer(
        clientAddress: address("192.0.2.7"), clientPort: 4711, serverAddress: address("198.51.100.1"),
        serverPort: 25)

    /// For texts of the tests' own.
    static func address(_ text: String) -> IPAddress {
        guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
        return address
    }

    static func session(
        helo: String = "client.example", isExtended: Bool = true, tls: String? = nil,
        channel: String = "tcp_local",
        peer: Peer = peer, authenticated: String? = nil
    ) -> SessionFacts {
        SessionFacts(
            peer: peer, helo: helo, isExtended: isExtended, tls: tls, sourceChannel: channel,
            authenticated: authenticated.map(mailbox))
    }

    static func sender(_ text: String = "alice@sender.example") -> SenderFacts {
        SenderFacts(sender: Address(text), declaredOctets: nil, isEightBit: false)
    }

    /// For texts of the tests' own.
    static func mailbox(_ text: String) -> Address {
        guard let address = Address(text) else { preconditionFailure("\(text) is no mailbox") }
        return address
    }

    static func recipient(
        _ text: String = "bob@example.test", channel: String = "inside", hold: String? = nil,
        marks: Marks = .none
    )
        -> ContentFacts.Recipient
    {
        ContentFacts.Recipient(
            original: mailbox(text), address: mailbox(text), channel: channel, holdReason: hold, marks: marks)
    }

    static func facts(
        _ recipients: [ContentFacts.Recipient] = [recipient()], from channel: String = "tcp_local",
        poison: String? = nil
    ) -> ContentFacts {
        ContentFacts(
            session: session(channel: channel), sender: sender(), recipients: recipients, caseID: "A1-1.1",
            poison: poison)
    }

    /// A policy with scanners of the names given.
    static func scanning(
        _ names: String..., infected: Policy.ScannerPolicy.Infected = .hold,
        transient: Policy.ScannerPolicy.Transient = .defer,
        permanent: Policy.ScannerPolicy.Permanent = .hold
    ) -> Policy {
        var policy = policy
        policy.scanners = names.map {
            Policy.ScannerPolicy(
                name: $0, onInfected: infected, onUnscannedTransient: transient,
                onUnscannedPermanent: permanent)
        }
        return policy
    }
}
