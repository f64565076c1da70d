// SPDX-License-Identifier: MIT

import ArgumentParser
import Gates
import Inbound
import Mail

/// `postern session test`: a fake session by the rules as they are.
struct SessionTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run a session as if a client from somewhere had connected.",
        discussion: """
            Takes the client's lines from standard input and answers with the replies that it would get, judged by the \
            configured rules: nothing is queued, nothing waits, nothing is counted. Standard error tells which rule \
            decided each step, and what would become of a message. Lines may end in LF. Scanners, meters, \
            directories and next hops are not asked; a zone file can say what some of them would answer.
            """)

    @Option(name: .customLong("from-ip"), help: ArgumentHelp("The client's address.", valueName: "ip"))
    var fromIP: String

    @Option(name: .customLong("to-ip"), help: ArgumentHelp("The address it connected to.", valueName: "ip"))
    var toIP: String?

    @Option(help: "The port it connected to.")
    var port = 25

    @Flag(help: "The session is in TLS from the start; STARTTLS in the dialogue does the same later.")
    var tls = false

    @Flag(name: .customLong("talks-first"), help: "The client doesn't wait for the greeting.")
    var talksFirst = false

    @Option(
        help: ArgumentHelp(
            "The world as this JSON file says it is; the network is not asked. Without it, DNS and live databases are "
                + "asked as the configuration says.", valueName: "file"))
    var zone: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "What a scanner says: clean, or what it finds. Without it, it is unavailable.",
            valueName: "name=result"))
    var scanner: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Whoever authenticates as this gave the right password, and has that address.",
            valueName: "name=address"))
    var identity: [String] = []

    @Option(help: ArgumentHelp("The time, in seconds since 1970.", valueName: "epoch"))
    var now: Int64?

    @OptionGroup var rules: ConfigurationOption

    func run() throws {
        let client = try address(fromIP, "--from-ip")
        let server = try toIP.map { try address($0, "--to-ip") } ?? Self.ownAddress(for: client)
        guard (1...65_535).contains(port) else { throw CommandFailure.badUsage("--port \(port) is no port") }
        var world = TrialWorld(
            world: try zone.map { .zone(try ZoneFile(path: $0)) } ?? .network(NetworkQuestions(rules)),
            now: now)
        for (name, result) in try pairs(scanner, "--scanner") {
            world.scans[name] = result == "clean" ? .clean : .infected(name: result, part: nil)
        }
        for (name, text) in try pairs(identity, "--identity") {
            guard let address = Address(text) else {
                throw CommandFailure.badUsage("--identity \(name)=\(text): \(text) is no mail address")
            }
            world.identities[name] = address
        }
        let peer = Peer(
            clientAddress: client, clientPort: 40_000, serverAddress: server, serverPort: port)
        var trial = SessionTrial(
            rules: try CompiledRules(rules), peer: peer, world: world, tls: tls ? SessionTrial.tls : nil)
        try trial.begin(talksFirst: talksFirst)
        var lines = InputLines()
        while !trial.isOver, let line = lines.nextOctets() { try trial.hear(line) }
    }

    private func address(_ text: String, _ option: String) throws(CommandFailure) -> IPAddress {
        guard let address = IPAddress(text) else {
            throw .badUsage("\(option) \(text): write an address, 192.0.2.1 or 2001:db8::1")
        }
        return address
    }

    /// A stand-in of the client's family: nobody listens there.
    private static func ownAddress(for client: IPAddress) -> IPAddress {
        let loopback: [UInt8] =
            client.isIPv4 ? [127, 0, 0, 1] : Array(repeating: 0, count: 15) + [1]
        return IPAddress(octets: loopback) ?? client
    }

    private func pairs(_ texts: [String], _ option: String) throws(CommandFailure) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for text in texts {
            guard let mark = text.firstIndex(of: "="), mark > text.startIndex else {
                throw .badUsage("\(option) \(text): write NAME=VALUE")
            }
            pairs.append((String(text[..<mark]), String(text[text.index(after: mark)...])))
        }
        return pairs
    }
}
