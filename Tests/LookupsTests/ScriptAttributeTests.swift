// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import SieveLanguage
import Telemetry
import Testing

@testable import Gates
@testable import Lookups

/// Scripts out of a real directory: what the search asks, slapd answers. The attributes are those that every
/// slapd knows; which ones they are is configuration.
@Suite("Scripts in a directory", .serialized)
struct ScriptAttributeTests {
    private let folder: TemporaryFolder
    private let asker: Asker

    init() throws {
        folder = try TemporaryFolder()
        asker = try Asker()
    }

    private static let entries = """
        dn: uid=bob,dc=example
        objectClass: inetOrgPerson
        uid: bob
        cn: Bob
        sn: B
        mail: bob@example.test
        description:: IyAkUnVsZSBJbmZvOiBPcmRlcj0yIFRlbXBsYXRlPXQgTmFtZT1zZWNvbmQKa2VlcDsK
        description: # $Rule Info: Order=1 Template=t Name=first
        seeAlso: uid=mum,dc=example
        carLicense: YES

        dn: uid=kid,dc=example
        objectClass: inetOrgPerson
        uid: kid
        cn: Kid
        sn: K
        mail: kid@example.test
        seeAlso: uid=nobody,dc=example
        carLicense: yes

        dn: uid=mum,dc=example
        objectClass: inetOrgPerson
        uid: mum
        cn: Mum
        sn: M
        mail: mum@example.test
        description: if header :contains "subject" "casino" { discard; }

        dn: ou=example.test,dc=example
        objectClass: organizationalUnit
        ou: example.test
        description: nonsense;


        """

    private func search(_ address: String) throws -> ScriptSearch {
        var policy = Policy(
            hostname: "gate.example.test", channels: ["inside": Policy.Channel(hasRoute: true)],
            domains: ["example.test": "inside"],
            postmaster: Address(localPart: "postmaster", domain: "example.test"))
        var directory = FilterPolicy.ScriptDirectory(name: "default")
        directory.attribute = "description"
        directory.domainFilter = "(ou=%d)"
        directory.domainAttribute = "description"
        directory.householdReference = "seeAlso"
        directory.householdSwitch = "carLicense"
        directory.householdAttribute = "description"
        policy.filters.directory = directory
        policy.verification.domains["example.test"] = VerificationPolicy.Domain(
            kind: .internalRelay, detailSeparator: "+")
        let ruleset = Ruleset(
            hash: "", tables: .empty, scripts: ScriptSet(), policy: policy)
        let recipient = try #require(Address(address))
        let client = try #require(IPAddress("192.0.2.1"))
        return ScriptSearch(
            ruleset: ruleset,
            recipient: ContentFacts.Recipient(
                original: recipient, address: recipient, channel: "inside", holdReason: nil),
            session: SessionFacts(
                peer: Peer(clientAddress: client, clientPort: 1, serverAddress: client, serverPort: 25),
                helo: "x", isExtended: true, tls: nil, sourceChannel: "tcp_local"))
    }

    private func run(_ address: String, _ sense: DirectorySense) throws -> [ScriptSearch.Found] {
        var search = try search(address)
        var answers: [Answer] = []
        while true {
            switch search.next(answers) {
            case .ask(let questions): answers = questions.map { asker.ask(sense, $0) ?? .unavailable("late") }
            case .done(let found, _): return found
            }
        }
    }

    @Test(
        "a user's rules by their order, his household's, his domain's; and none where the reference is stale")
    func found() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.entries)
        let sense = DirectorySense(
            [
                DirectorySettings(
                    name: "default", servers: [slapd.url], base: Slapd.base, timeoutMs: 10_000,
                    retryAfterSeconds: 1)
            ], counters: CounterPage())
        defer { sense.close() }
        let bob = try run("Bob+news@example.test", sense)
        #expect(bob.map(\.level) == [.user, .household, .domain])
        #expect(bob.map { $0.script != nil } == [true, true, false])
        #expect(bob[0].name == "description of uid=bob,dc=example")
        #expect(bob[1].owner?.description == "mum@example.test")
        #expect(bob[2].mistakes.first?.contains("nonsense") == true)
        #expect(bob[2].onError == .hold)
        let kid = try run("kid@example.test", sense)
        #expect(kid.map(\.level) == [.household, .domain])
        #expect(kid[0].script == nil && !kid[0].isTransient, "its reference leads nowhere")
        #expect(try run("mum@example.test", sense).map(\.level) == [.user, .domain])
        #expect(try run("eve@example.test", sense).map(\.level) == [.domain])
        slapd.stop()
        let gone = try run("unseen@example.test", sense)
        #expect(gone.first?.level == .user && gone.first?.isTransient == true)
    }
}
