// SPDX-License-Identifier: MIT
import Gates
import Mail
import SieveLanguage
import Testing

@testable import Configuration

@Suite("The shipped scripts")
struct SampleScriptTests {
    private static func scripts() throws -> ScriptSet {
        let read = RuleSources.read(configuration: "\(TemporaryFolder.project)/rules/postern.toml")
        return try #require(RulesetArchive.compile(read.sources, isMachineChecked: false).ruleset).scripts
    }

    private func actions(
        _ script: Script?, _ header: String, sender: String? = "bob@example.net"
    ) throws -> (kinds: [String], implicitKeep: Bool) {
        let text = header.split(separator: "\n").map { "\($0)\r\n" }.joined() + "\r\nText.\r\n"
        let subject = SieveSubject(
            message: Message(parsing: MessageBytes(Array(text.utf8))), sender: sender.flatMap { Address($0) },
            recipient: Address("ann@example.test"), originalRecipient: Address("ann@example.test"))
        var evaluation = ScriptEvaluation(script: try #require(script), subject: subject)
        guard case .done(let outcome, _) = evaluation.next([]) else {
            throw ProbeFile.Mistake(line: 0, text: "the script asked something")
        }
        #expect(outcome.error == nil)
        return (outcome.actions.map { Self.words($0.kind) }, outcome.implicitKeep)
    }

    private static func words(_ kind: SieveAction.Kind) -> String {
        switch kind {
        case .fileinto(let filing): "fileinto \(filing.folder)\(filing.copy ? " :copy" : "")"
        case .reject(let reason), .hold(let reason): "\(kind.name) \(reason)"
        default: kind.name
        }
    }

    @Test("mta.sieve holds, rejects, discards and jettisons what it says, and nothing else")
    func mta() throws {
        let script = try Self.scripts().mta
        let plain = try actions(script, "Subject: Hello\nFrom: bob@example.net")
        #expect(plain.kinds.isEmpty && plain.implicitKeep)
        #expect(
            try actions(script, "Subject: Re: [hold-me] please").kinds == [
                "hold the subject asks for it"
            ])
        #expect(
            try actions(script, "Subject: Forward this to seven friends").kinds == [
                "reject We don't take chain letters."
            ])
        let monitor = try actions(script, "X-Monitor: heartbeat\nAuto-Submitted: auto-generated")
        #expect(monitor.kinds == ["discard"] && !monitor.implicitKeep)
        #expect(try actions(script, "X-Monitor: heartbeat").kinds.isEmpty)
        #expect(try actions(script, "X-Mailer: BulkBlaster 3").kinds == ["jettison"])
    }

    @Test("a channel's and a user's script")
    func others() throws {
        let scripts = try Self.scripts()
        let channel = scripts.channels["tcp_local"]
        #expect(
            try actions(channel, "X-Mailer: x", sender: nil).kinds == [
                "fileinto Review"
            ])
        #expect(try actions(channel, "X-Mailer: x").kinds.isEmpty)
        let ann = scripts.users["ann@example.test"]
        #expect(try actions(ann, "List-Id: News <announce.lists.example.net>").kinds == ["discard"])
        #expect(try actions(ann, "From: Bob <bob@Example.Test>").kinds == ["keep"])
        #expect(try actions(ann, "From: Bob <bob@example.net>").kinds.isEmpty)
    }
}
