// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

/// A message to bob@example.test through scripts of several levels.
struct ScriptTrial {
    static let message =
        "Message-ID: <7@sender.example>\r\nSubject: hello\r\nFrom: Alice <alice@sender.example>\r\n"
        + "To: bob@example.test\r\n\r\nGood morning.\r\n"

    let trial: ContentTrial
    var settlement: Settlement { trial.settlement }

    init(
        user: String? = nil, destination: String? = nil, source: String? = nil, mta: String? = nil,
        policy: Policy = Rules.policy, text: String = Self.message, facts: ContentFacts = Rules.facts()
    ) throws {
        var channels: [String: String] = [:]
        channels["to-inside"] = destination
        channels["from-outside"] = source
        let ruleset = try Rules.make(
            mta: mta, channels: channels, users: user.map { ["bob@example.test": $0] } ?? [:], policy: policy)
        var world = World()
        world.hasEmptyMemory = true
        trial = ContentTrial(text, ruleset: ruleset, facts: facts, world: world)
    }

    /// What `address` gets, each as a text.
    func copies(for address: String) -> [String] {
        settlement.entries.filter { $0.recipients.contains(Rules.mailbox(address)) }
            .map { trial.editions[$0.edition] }
    }

    func entries(for address: String) -> [Settlement.Entry] {
        settlement.entries.filter { $0.recipients.contains(Rules.mailbox(address)) }
    }
}

@Suite("What scripts change in a message")
struct ScriptEditionTests {
    private let header =
        #"require ["editheader", "variables", "mime", "replace", "enclose", "foreverypart"];"#

    @Test("a field that a script adds stands in the copy, below our own lines")
    func adds() throws {
        let trial = try ScriptTrial(mta: header + #"addheader "X-Seen" "yes";"#)
        let copy = try #require(trial.copies(for: "bob@example.test").first)
        #expect(copy.hasPrefix("Received: from"))
        #expect(copy.hasSuffix("\r\nX-Seen: yes\r\n" + ScriptTrial.message))
    }

    @Test("later levels see what earlier ones changed, and both changes go out")
    func composes() throws {
        let trial = try ScriptTrial(
            user: header
                + #"if header "X-Level" "mta" { addheader "X-Level" "user"; deleteheader "Subject"; }"#,
            mta: header + #"addheader "X-Level" "mta";"#)
        let copy = try #require(trial.copies(for: "bob@example.test").first)
        #expect(copy.contains("X-Level: user\r\nX-Level: mta\r\nMessage-ID:"))
        #expect(!copy.contains("Subject:"))
        #expect(copy.hasSuffix("\r\n\r\nGood morning.\r\n"))
    }

    @Test("an operator's script doesn't see what a user's changes")
    func operatorsFirst() throws {
        let trial = try ScriptTrial(
            user: header + #"addheader "X-Bad" "1";"#, mta: #"if exists "X-Bad" { jettison; }"#)
        #expect(trial.trial.verdicts == [.relay])
    }

    @Test("each action delivers the message as it was edited by then")
    func perAction() throws {
        var policy = Rules.policy
        policy.folders = ["Review": .hold]
        let trial = try ScriptTrial(
            user: header
                + #"""
                fileinto "Review"; addheader "X-Step" "1"; redirect "n@partner.test"; addheader "X-Step" "2"; keep;
                """#, policy: policy)
        let own = trial.entries(for: "bob@example.test")
        #expect(
            own.map(\.debt) == [
                .deliver(channel: "inside"), .hold(channel: "inside", reason: "filed into Review"),
            ])
        let steps = own.map { trial.trial.editions[$0.edition].components(of: "X-Step: ") }
        #expect(steps == [["2", "1"], []])
        #expect(trial.copies(for: "n@partner.test").map { $0.components(of: "X-Step: ") } == [["1"]])
    }

    @Test("scripts don't see fields that only we may write; what they add under such a name stays")
    func forged() throws {
        let forgery = "X-Spam-Flag: NO\r\n" + ScriptTrial.message
        let script = header + #"if not exists "X-Spam-Flag" { addheader "X-Spam-Flag" "YES"; }"#
        let trial = try ScriptTrial(mta: script, text: forgery)
        let copy = try #require(trial.copies(for: "bob@example.test").first)
        #expect(copy.components(of: "X-Spam-Flag: ") == ["YES"])
    }

    @Test("a script that fails leaves the message as it was")
    func failed() throws {
        let script = header + #"addheader "X-Half" "1"; keep; reject "no";"#
        let trial = try ScriptTrial(user: script)
        #expect(trial.copies(for: "bob@example.test").allSatisfy { !$0.contains("X-Half") })
        #expect(trial.trial.verdicts == [.relay])
    }

    @Test("a replaced part and an enclosed message go out as the script made them")
    func parts() throws {
        let replaced = try ScriptTrial(
            mta: header + #"foreverypart { replace "gone"; }"#)
        let copy = try #require(replaced.copies(for: "bob@example.test").first)
        #expect(copy.contains("gone") && !copy.contains("Good morning."))
        let enclosed = try ScriptTrial(mta: header + #"enclose :subject "Careful" "This came in.";"#)
        let outer = try #require(enclosed.copies(for: "bob@example.test").first)
        #expect(outer.contains("Subject: Careful\r\n") && outer.contains("message/rfc822"))
        #expect(outer.contains("Good morning."))
    }

    @Test("recipients with the same edits share one edition")
    func shared() throws {
        let facts = Rules.facts([Rules.recipient("a@example.test"), Rules.recipient("b@example.test")])
        let trial = try ScriptTrial(mta: header + #"addheader "X-Seen" "yes";"#, facts: facts)
        #expect(trial.settlement.editions.count == 1)
        #expect(trial.settlement.entries.count == 1)
    }

    @Test("addtag puts tags before the subject, addprefix text before the text, in every copy")
    func decorations() throws {
        let trial = try ScriptTrial(
            user: #"require "vnd.postern.gateway"; redirect :copy "n@partner.test";"#,
            mta: #"require "vnd.postern.gateway"; addtag "[list]"; addtag "[ext]";"#)
        for copy in trial.copies(for: "bob@example.test") + trial.copies(for: "n@partner.test") {
            #expect(copy.contains("Subject: [list] [ext] hello\r\n"))
        }
    }

    @Test("a redirected copy says whose script sent it on, and keeps the sender")
    func redirect() throws {
        let trial = try ScriptTrial(user: #"redirect "n@partner.test";"#)
        let copy = try #require(trial.copies(for: "n@partner.test").first)
        #expect(copy.contains("\r\nX-Sieve-Redirected-From: bob@example.test\r\n"))
        #expect(trial.entries(for: "n@partner.test").map(\.sender) == [nil])
        let back = try ScriptTrial(
            user: #"redirect "n@partner.test";"#,
            text: "X-Sieve-Redirected-From: bob@example.test\r\n" + ScriptTrial.message)
        #expect(back.entries(for: "n@partner.test").isEmpty)
        #expect(back.entries(for: "bob@example.test").map(\.debt) == [.deliver(channel: "inside")])
    }

    @Test("what the client wished of the delivery goes with the copy; a redirect has its own wishes")
    func wishes() throws {
        var options = DeliveryOptions()
        options.notify = [.failure, .delay]
        options.envelopeID = "7"
        options.originalRecipients = [
            .init(recipient: Rules.mailbox("bob@example.test"), text: "rfc822;b@example.test")
        ]
        var recipient = Rules.recipient()
        recipient.options = options
        let trial = try ScriptTrial(
            user: #"""
                require ["redirect-dsn", "envelope-dsn"];
                if envelope "notify" "DELAY" { redirect :copy :notify "NEVER" :ret "HDRS" "n@partner.test"; }
                """#, facts: Rules.facts([recipient]))
        #expect(trial.entries(for: "bob@example.test").map(\.options) == [options])
        let sent = try #require(trial.entries(for: "n@partner.test").first?.options)
        #expect(sent.notify == .never && sent.ret == .headers && sent.envelopeID == "7")
        #expect(sent.originalRecipient(of: Rules.mailbox("n@partner.test")) == "rfc822;b@example.test")
    }

    @Test("conversion tags are the recipient's and what scripts made of them")
    func conversionTags() throws {
        let trial = try ScriptTrial(
            user: #"require "vnd.postern.gateway"; addconversiontag ["b", "a"];"#,
            mta: #"require "vnd.postern.gateway"; setconversiontag "a";"#)
        #expect(trial.settlement.entries.first?.options?.conversionTags == ["a", "b"])
        #expect(try ScriptTrial().settlement.entries.first?.options == nil)
    }
}

@Suite("Where fileinto leads")
struct FolderTests {
    private func trial(_ script: String, _ folders: [String: FolderPolicy]) throws -> ScriptTrial {
        var policy = Rules.policy
        policy.folders = folders
        return try ScriptTrial(user: script, policy: policy)
    }

    @Test("to a field that names the folder")
    func field() throws {
        let trial = try trial(#"fileinto "Bulk mail";"#, ["Bulk mail": .header("X-Folder")])
        #expect(
            trial.copies(for: "bob@example.test").allSatisfy { $0.contains("\r\nX-Folder: Bulk mail\r\n") })
        #expect(trial.settlement.entries.map(\.debt) == [.deliver(channel: "inside")])
    }

    @Test("to a detail of the recipient's address")
    func subaddress() throws {
        let trial = try trial(#"fileinto "lists";"#, ["*": .subaddress])
        #expect(trial.settlement.entries.map(\.recipients) == [[Rules.mailbox("bob+lists@example.test")]])
        let both = try self.trial(#"fileinto :copy "lists";"#, ["*": .subaddress])
        #expect(both.settlement.entries.flatMap(\.recipients).count == 2)
    }

    @Test("to another channel; without a way out by it the message is kept")
    func channel() throws {
        let trial = try trial(#"fileinto "x";"#, ["x": .channel("partner")])
        #expect(trial.settlement.entries.map(\.debt) == [.deliver(channel: "partner")])
        let stuck = try self.trial(#"fileinto "x";"#, ["x": .channel("broken")])
        #expect(stuck.settlement.entries.map(\.debt) == [.deliver(channel: "inside")])
    }

    @Test("the longest pattern that fits decides, and a name alone before any")
    func patterns() {
        var policy = Rules.policy
        policy.folders = ["*": .relay, "Lists/*": .subaddress, "Lists/x": .hold]
        #expect(policy.policy(ofFolder: "Lists/x") == .hold)
        #expect(policy.policy(ofFolder: "Lists/y") == .subaddress)
        #expect(policy.policy(ofFolder: "Other") == .relay)
        policy.folders = ["a*": .hold]
        #expect(policy.policy(ofFolder: "b") == nil)
    }

    @Test(
        "as the configuration writes it",
        arguments: [
            ("hold", FolderPolicy.hold), ("relay", .relay), ("header", .header("X-Sieve-Folder")),
            ("header:X-Label", .header("X-Label")), ("subaddress", .subaddress),
            ("channel:archive", .channel("archive")),
        ])
    func texts(text: String, policy: FolderPolicy) {
        #expect(FolderPolicy(text) == policy)
    }

    @Test(
        "anything else is no policy", arguments: ["", "held", "header:", "header:a b", "channel:", "hold:x"])
    func mistakes(text: String) {
        #expect(FolderPolicy(text) == nil)
    }
}

extension String {
    /// The rests of the lines that begin with `name`, in order.
    func components(of name: String) -> [String] {
        split(separator: "\r\n").filter { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }
}
