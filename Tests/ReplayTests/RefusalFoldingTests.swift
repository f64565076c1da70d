// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates
@testable import Replay

@Suite("Repeated refusals")
struct RefusalFoldingTests {
    private let start: Int64 = 1_792_976_040_000

    /// A refused connection of `client`, so many milliseconds into a minute.
    private func refusal(
        _ client: String = "192.0.2.7", rule: String = "mappings:3", at offset: Int64 = 0,
        fate: CaseRecord.Fate = .reject
    ) -> CaseRecord {
        let trail = Trail([Trail.Entry(.mapping, rule: rule, about: "PORT_ACCESS", result: "no")])
        return CaseRecord(
            id: "A1-\(offset).0", atMs: start + offset,
            peer: Peer(
                clientAddress: House.address(client), clientPort: 1,
                serverAddress: House.address("198.51.100.1"),
                serverPort: 25),
            connectionRuleset: "a",
            connection: Judgement(
                exchanges: [], outcome: .reject(Reply(554, "5.7.1", "no")), trail: trail), fate: fate)
    }

    private func written(_ folding: inout RefusalFolding, _ records: [CaseRecord]) -> [CaseRecord] {
        records.flatMap { folding.take($0).due }
    }

    @Test("twenty a minute are written, the rest becomes one case with their count")
    func fold() {
        var folding = RefusalFolding(perMinuteMax: 20, keysMax: 100)
        let records = (0..<50).map { refusal(at: Int64($0)) }
        #expect(written(&folding, records) == Array(records.prefix(20)))
        #expect(folding.expire(nowMs: start + 59_999) == [])
        let due = folding.expire(nowMs: start + 60_000)
        #expect(due.map(\.foldedCount) == [30])
        #expect(due.map(\.id) == ["A1-49.0"])
        #expect(folding.expire(nowMs: .max) == [])
    }

    @Test("what is folded says so, what is written does not")
    func taken() {
        var folding = RefusalFolding(perMinuteMax: 1, keysMax: 100)
        #expect(!folding.take(refusal()).isFolded)
        #expect(folding.take(refusal()).isFolded)
        #expect(folding.take(refusal()).due.isEmpty)
    }

    @Test("another rule, and another network, are counted apart")
    func apart() {
        var folding = RefusalFolding(perMinuteMax: 1, keysMax: 100)
        let different = [
            refusal("192.0.2.7"), refusal("192.0.3.7"), refusal("192.0.2.7", rule: "mappings:4"),
            refusal("2001:db8::1"), refusal("2001:db8:0:1::1"),
        ]
        #expect(written(&folding, different) == different)
        #expect(written(&folding, [refusal("192.0.2.200"), refusal("2001:db8::ffff:1")]).isEmpty)
    }

    @Test("a new minute begins anew, and writes the old one's count first")
    func nextMinute() {
        var folding = RefusalFolding(perMinuteMax: 2, keysMax: 100)
        _ = written(&folding, (0..<5).map { refusal(at: $0) })
        let due = folding.take(refusal(at: 60_000)).due
        #expect(due.map(\.foldedCount) == [3, 0])
        #expect(due.map(\.id) == ["A1-4.0", "A1-60000.0"])
        #expect(written(&folding, [refusal(at: 60_001), refusal(at: 60_002)]).count == 1)
    }

    @Test("only refusals without content are folded")
    func notFolded() throws {
        var folding = RefusalFolding(perMinuteMax: 0, keysMax: 100)
        for fate in [CaseRecord.Fate.accept, .hold, .discard, .abandoned] {
            #expect(!folding.take(refusal(fate: fate)).isFolded)
        }
        #expect(folding.take(refusal(fate: .defer)).isFolded)
        var recorder = Recorder(try House.ruleset())
        recorder.text = "Subject: forbidden\r\n\r\n"
        let refused = recorder.record()
        #expect(refused.fate == .reject)
        #expect(!folding.take(refused).isFolded)
    }

    @Test("a flood of networks costs bounded memory: the counts so far are written out")
    func flood() {
        var folding = RefusalFolding(perMinuteMax: 1, keysMax: 10)
        var due: [CaseRecord] = []
        for network in 0..<200 {
            for offset in 0..<3 { due += folding.take(refusal("10.0.\(network).1", at: Int64(offset))).due }
        }
        due += folding.expire(nowMs: .max)
        #expect(due.count { $0.foldedCount == 0 } == 200)
        #expect(due.count { $0.foldedCount == 2 } == 200)
    }
}
