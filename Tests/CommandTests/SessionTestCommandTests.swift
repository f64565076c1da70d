// SPDX-License-Identifier: MIT
import Foundation
import Testing

@Suite("postern session test")
struct SessionTestCommandTests {
    private static let zone = #"{"records":[]}"#

    private static func run(
        _ dialogue: String, _ options: [String] = [], more: String = "", from ip: String = "192.0.2.7"
    ) throws -> Program {
        let folder = try Folder.withRules(more)
        try folder.write(zone, to: "zone.json")
        return try Program.run(
            ["session", "test", "--from-ip", ip, "--zone", "zone.json"] + options, in: folder, input: dialogue
        )
    }

    private static let message =
        "MAIL FROM:<a@sender.example>\nRCPT TO:<b@example.net>\nDATA\nSubject: x\n\nText\n.\n"

    @Test("answers each line as the gateway would, and tells what decided")
    func dialogue() throws {
        let ran = try Self.run("EHLO client.example\n" + Self.message + "QUIT\n")
        #expect(ran.status == 0, "\(ran)")
        #expect(ran.lines.first == "220 gate.example.net ESMTP Postern")
        #expect(ran.lines.contains("250-PIPELINING"))
        let last = ran.lines.suffix(5)
        #expect(
            last.map { String($0.prefix(9)) } == [
                "250 2.1.0", "250 2.1.5", "354 Send ", "250 2.0.0", "221 2.0.0",
            ])
        #expect(ran.output.contains("(case TEST.1)"))
        #expect(ran.errors.contains("b@example.net: relay, channel inside"))
        #expect(ran.errors.contains("source channel: tcp_local"))
        #expect(ran.errors.contains("connection: "))
    }

    @Test("relaying from outside is refused, from inside it is the channel's affair")
    func relay() throws {
        let dialogue = "EHLO c.example\nMAIL FROM:<>\nRCPT TO:<b@elsewhere.example>\nQUIT\n"
        let outside = try Self.run(dialogue)
        #expect(outside.output.contains("550 5.7.1 Relaying not allowed: b@elsewhere.example"))
        let inside = try Self.run(dialogue, from: "127.0.0.2")
        #expect(inside.output.contains("550 5.1.2 "))
        #expect(inside.errors.contains("source channel: tcp_intranet"))
    }

    @Test("a client on a DNS list of the zone is turned away")
    func listed() throws {
        let folder = try Folder.withRules()
        try folder.write(
            #"{"records":[{"name":"9.2.0.192.list.example","type":"A","rdata":["127.0.0.2"]}]}"#, to: "z.json"
        )
        let ran = try Program.run(
            "session", "test", "--from-ip", "192.0.2.9", "--zone", "z.json", in: folder,
            input: "EHLO a.example\nQUIT\n")
        #expect(ran.lines.first?.hasPrefix("554 5.7.1 ") == true, "\(ran)")
        #expect(ran.lines.last?.hasPrefix("221 ") == true)
    }

    @Test("content is judged by the scripts, and an unasked scanner is unavailable, never clean")
    func content() throws {
        let folder = try Folder.withRules()
        try folder.write(
            "require \"reject\"; if header :contains \"Subject\" \"x\" { reject \"no x here\"; }\n",
            to: "sieve/mta.sieve")
        try folder.write(Self.zone, to: "zone.json")
        let ran = try Program.run(
            "session", "test", "--from-ip", "192.0.2.7", "--zone", "zone.json", in: folder,
            input: "EHLO c.example\n" + Self.message + "QUIT\n")
        #expect(ran.output.contains("no x here"), "\(ran)")
        #expect(ran.errors.contains("b@example.net: reject: "))
    }

    @Test("TLS, AUTH and the channels that they switch to")
    func switching() throws {
        let more = """

            [channel.tcp_auth]
            [channel.tcp_local2]
            sasl = "may"
            sasl_switch_channel = "tcp_auth"
            """
        let folder = try Folder.withRules(more)
        try folder.write(Self.zone, to: "zone.json")
        let config = try String(contentsOfFile: "\(folder.path)/rules/postern.toml", encoding: .utf8)
        try folder.write(
            config.replacing(
                "[channel.tcp_local]\n",
                with: "[channel.tcp_local]\ntls_switch_channel = \"tcp_local2\"\n"), to: "rules/postern.toml")
        // "\0ann\0secret"
        let dialogue = "EHLO c.example\nAUTH PLAIN AGFubgBzZWNyZXQ=\nMAIL FROM:<a@sender.example>\nQUIT\n"
        let ran = try Program.run(
            [
                "session", "test", "--from-ip", "192.0.2.7", "--zone", "zone.json", "--tls", "--identity",
                "ann=ann@example.net",
            ], in: folder, input: dialogue)
        #expect(ran.output.contains("AUTH PLAIN LOGIN"), "\(ran)")
        #expect(ran.output.contains("235 2.7.0 "))
        #expect(ran.errors.contains("source channel: tcp_auth"))
        #expect(!ran.errors.contains("secret") && !ran.output.contains("secret"))
        let clear = try Program.run(
            ["session", "test", "--from-ip", "192.0.2.7", "--zone", "zone.json"], in: folder,
            input: "EHLO c.example\nSTARTTLS\nEHLO c.example\nAUTH PLAIN AGFubgBzZWNyZXQ=\nQUIT\n")
        #expect(clear.output.contains("454 4.7.0 "), "\(clear)")
    }

    @Test("a client that talks first, where the greeting waits for that")
    func talksFirst() throws {
        let more = "[pregreet]\nwait = \"6s\"\n"
        let ran = try Self.run("QUIT\n", ["--talks-first"], more: more)
        #expect(ran.lines.first?.hasPrefix("554 5.5.1 You talked before the greeting") == true, "\(ran)")
        #expect(try Self.run("QUIT\n", more: more).lines.first?.hasPrefix("220 ") == true)
    }

    @Test("rules with a mistake judge nothing: exit status 1")
    func faulty() throws {
        let folder = try Folder.withRules("[nonsense]\n")
        let ran = try Program.run("session", "test", "--from-ip", "192.0.2.7", in: folder, input: "QUIT\n")
        #expect(ran.status == 1 && ran.output.isEmpty)
        #expect(ran.errors.contains("nonsense"))
    }

    @Test(
        "bad usage exits with 2",
        arguments: [
            ["--from-ip", "nowhere"], [], ["--from-ip", "192.0.2.1", "--port", "0"],
            ["--from-ip", "192.0.2.1", "--scanner", "x"], ["--from-ip", "192.0.2.1", "--identity", "a=b"],
        ])
    func usage(options: [String]) throws {
        let ran = try Program.run(["session", "test"] + options, in: try Folder.withRules())
        #expect(ran.status == 2 && ran.output.isEmpty, "\(ran)")
    }
}

@Suite("postern address test")
struct AddressTestCommandTests {
    private static func folder() throws -> Folder {
        let folder = try Folder.withRules()
        try folder.write(#"{"records":[]}"#, to: "zone.json")
        try folder.write(
            """
            FROM_ACCESS

              TCP|*|*|*|*|*|*|*|bad@*|*  $NNo$ such$ sender

            ORIG_SEND_ACCESS

              *|*|*|nobody@*   $X5.1.1|$NNo$ such$ mailbox
              *|*|*|held@*     $Y$H

            """, to: "rules/mappings")
        return folder
    }

    private static func json(_ arguments: String...) throws -> JSON {
        let ran = try Program.run(
            ["address", "test"] + arguments + ["--zone", "zone.json"], in: try folder())
        #expect(ran.status == 0, "\(ran)")
        return try ran.json()
    }

    @Test("tells channel, next hop, decision, and what each table made of its probe")
    func admitted() throws {
        let answer = try Self.json("bob@example.net", "--from", "a@sender.example")
        #expect(answer["address"] == .text("bob@example.net"))
        #expect(answer["recipient"] == .text("bob@example.net"))
        #expect(answer["channel"] == .text("inside"))
        guard case .text(let hop)? = answer["next_hop"] else {
            Issue.record("next_hop is no text")
            return
        }
        #expect(hop.hasPrefix("maildir /"))
        #expect(answer["decision"] == .text("admit"))
        #expect(answer["reply"] == .null)
        #expect(answer["sender"] == .text("a@sender.example"))
        #expect(answer["tables"]?[0]?["table"] == .text("FROM_ACCESS"))
        #expect(answer["tables"]?[1]?["table"] == .text("ORIG_SEND_ACCESS"))
        #expect(
            answer["tables"]?[1]?["probe"] == .text("tcp_local|a@sender.example|inside|bob@example.net"))
        #expect(answer["trail"]?[0]?["gate"] == .text("sender"))
    }

    @Test("a rejection names its reply and its entry; a hold its reason")
    func rejected() throws {
        let unknown = try Self.json("nobody@example.net")
        #expect(unknown["decision"] == .text("reject"))
        #expect(unknown["reply"] == .text("550 5.1.1 No such mailbox: nobody@example.net"))
        #expect(unknown["recipient"] == .null && unknown["sender"] == .text(""))
        let sender = try Self.json("bob@example.net", "--from", "bad@sender.example")
        #expect(sender["decision"] == .text("reject"))
        let held = try Self.json("held@example.net")
        #expect(held["decision"] == .text("admit") && held["hold"] != .null)
        let relay = try Self.json("x@elsewhere.example")
        #expect(relay["decision"] == .text("reject") && relay["channel"] == .text("tcp_local"))
        #expect(relay["next_hop"] == .null)
    }

    @Test("a source channel may be named, if there is one")
    func channel() throws {
        let inside = try Self.json("x@elsewhere.example", "--source-channel", "tcp_intranet")
        #expect(inside["reply"] == .text("550 5.1.2 No route to this domain: x@elsewhere.example"))
        let ran = try Program.run(
            "address", "test", "x@example.net", "--source-channel", "none", in: try Self.folder())
        #expect(ran.status == 2 && ran.errors.contains("there is no such channel"))
    }

    @Test("says which scripts would judge its mail, and why one can't")
    func scripts() throws {
        let folder = try Folder.withRules("[sieve]\nuser_folder = \"users\"")
        try folder.write("keep;", to: "sieve/mta.sieve")
        try folder.write(
            #"{"scripts":{"users":{"bob@example.net.sieve":"foo;","ann@example.net.sieve":null}}}"#,
            to: "zone.json")
        let ran = try Program.run("address", "test", "bob@example.net", "--zone", "zone.json", in: folder)
        let answer = try ran.json()
        #expect(answer["scripts"]?[0]?["level"] == .text("user"))
        #expect(answer["scripts"]?[0]?["name"] == .text("users/bob@example.net.sieve"))
        guard case .text(let failure)? = answer["scripts"]?[0]?["failure"] else {
            Issue.record("the script is said to be sound")
            return
        }
        #expect(failure.hasPrefix("users/bob@example.net.sieve:1:1: "))
        #expect(answer["scripts"]?[1]?["level"] == .text("MTA"))
        #expect(answer["scripts"]?[1]?["failure"] == .null)
        let gone = try Program.run("address", "test", "ann@example.net", "--zone", "zone.json", in: folder)
        #expect(try gone.json()["scripts"]?[0]?["failure"] == .text("the zone file says so"))
    }

    @Test("what is no address is bad usage", arguments: ["bob", "a b@example.net", ""])
    func usage(address: String) throws {
        let ran = try Program.run("address", "test", address, in: try Self.folder())
        #expect(ran.status == 2 && ran.output.isEmpty, "\(ran)")
    }
}
