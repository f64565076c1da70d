// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Testing

@testable import Gates
@testable import Replay

@Suite("Judging again what depends on the session")
struct RejudgementSessionTests {
    private func rules(_ change: (inout Policy) -> Void = { _ in }) throws -> Ruleset {
        var policy = House.policy()
        change(&policy)
        return try House.ruleset(policy: policy)
    }

    /// As from the case log, not from memory.
    private func again(_ record: CaseRecord, _ rules: Ruleset) throws -> Rejudgement {
        let read = try JSONDecoder().decode(CaseRecord.self, from: Data(FactsEncoder().encode(record)))
        #expect(read == record)
        return Rejudgement.judge(read, connection: rules, message: rules)
    }

    private static func early(_ action: SessionPolicy.PreGreeting.Action) -> (inout Policy) -> Void {
        { policy in
            policy.session.preGreeting.waitSeconds = 5
            policy.session.preGreeting.action = action
        }
    }

    @Test("that a client talked first is a fact: other rules make something else of it")
    func talkedFirst() throws {
        let tagging = try rules(Self.early(.tag))
        var recorder = Recorder(tagging)
        recorder.talkedFirst = true
        let record = recorder.record()
        let tags = record.transaction?.content?.facts.recipients.first?.marks.conversionTags
        #expect(tags == ["pregreet"])
        #expect(try again(record, tagging).isIdentical(to: record))
        #expect(try again(record, rules(Self.early(.reject))).end == .settled(.reject))
        recorder.talkedFirst = false
        #expect(try again(recorder.record(), rules(Self.early(.reject))).end == .settled(.accept))
    }

    @Test("the channel that TLS and AUTH switch to is found anew")
    func switching() throws {
        let plain = try rules()
        let switching = try rules { policy in
            var outside = SessionPolicy.Channel()
            outside.encryptedChannel = "tcp_tls"
            var encrypted = SessionPolicy.Channel()
            encrypted.authenticatedChannel = "tcp_intranet"
            policy.channels["tcp_tls"] = Policy.Channel(hasRoute: false)
            policy.session.channels = ["tcp_local": outside, "tcp_tls": encrypted]
        }
        var recorder = Recorder(plain)
        recorder.recipients = ["carol@elsewhere.example"]
        recorder.tls = "TLSv1.3"
        recorder.authenticated = Address(localPart: "alice", domain: "example.test")
        let record = recorder.record()
        #expect(record.fate == .reject)
        #expect(try again(record, plain).isIdentical(to: record))
        let reply = try again(record, switching).recipients.first?.outcome.rejection
        // From inside it is no relaying any more; there is only no way out.
        #expect(reply?.text == "550 5.1.2 No route to this domain: carol@elsewhere.example")
        recorder.ruleset = switching
        let switched = recorder.record()
        #expect(switched.transaction?.session.sourceChannel == "tcp_intranet")
        #expect(try again(switched, switching).isIdentical(to: switched))
    }

    @Test("a limit beyond which messages are held counts again")
    func holding() throws {
        let narrow = try rules { policy in
            var outside = SessionPolicy.Channel()
            outside.limits.unheldRecipientsMax = 1
            policy.session.channels["tcp_local"] = outside
        }
        var recorder = Recorder(try rules())
        recorder.recipients = ["bob@example.test", "carol@example.test"]
        let record = recorder.record()
        #expect(record.fate == .accept)
        #expect(try again(record, narrow).end == .settled(.hold))
        recorder.ruleset = narrow
        let held = recorder.record()
        #expect(held.fate == .hold)
        #expect(try again(held, narrow).isIdentical(to: held))
    }
}
