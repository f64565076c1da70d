// SPDX-License-Identifier: MIT
import Foundation
import Gates
import Mail
import Telemetry
import Testing

@testable import Replay

@Suite("Tables consulted beside a session")
struct TableRecordTests {
    private static let mappings = """
        DEQUEUE_ACCESS

          night|*            $N$S600|No$ mail$ at$ night

        IP_ACCESS

          *|*|*|192.0.2.*|*  $NNot$ there
          *|*|*|10.*|*       $I

        LOG_ACTION

          *|*|R*|*           $<refused$ $3

        MESSAGE-SAVE-COPY

          D|*|*|*|*|*        $Y$1/$3

        """

    private let ruleset: Ruleset

    init() throws { ruleset = try House.ruleset(Self.mappings) }

    private func judge<Gate: Evaluation>(_ gate: Gate) throws -> Judgement<Gate.Outcome>
    where Gate.Outcome: Codable & Hashable {
        var gate = gate
        guard case .done(let outcome, let trail) = gate.next([]) else { throw House.Mistakes(complaints: []) }
        return Judgement(exchanges: [], outcome: outcome, trail: trail)
    }

    private func record(_ number: Int, _ consultation: TableRecord.Consultation) -> TableRecord {
        TableRecord(
            id: "T-\(number)", atMs: 1_792_976_000_000, ruleset: ruleset.hash, caseID: "A1-1.1",
            entry: "a1-1000.0", consultation: consultation)
    }

    private func records() throws -> [TableRecord] {
        let dequeue = DequeueFacts(
            channel: "night", file: "a1-1000.0", secondsInQueue: 5, sender: nil, domain: "example.test")
        let address = AddressFacts(
            channel: "relay", number: 1, count: 2, address: House.address("192.0.2.5"), host: "hop.example")
        let log = LogFacts(
            action: .refused, destinationChannel: "relay", recipient: "bob@example.test",
            diagnostic: "550 5.1.1 no\nsuch user")
        let copy = SaveCopyFacts(
            destinationChannel: "relay", sender: Address("a@example.com"),
            recipient: Address("bob@example.test"), file: "a1-1000.0")
        return [
            record(1, .dequeue(dequeue, try judge(DequeueGate(ruleset: ruleset, facts: dequeue)))),
            record(2, .address(address, try judge(AddressGate(ruleset: ruleset, facts: address)))),
            record(3, .log(log, try judge(LogGate(ruleset: ruleset, facts: log)))),
            record(4, .copy(copy, try judge(SaveCopyGate(ruleset: ruleset, facts: copy)))),
            record(5, .copy(copy, Judgement(exchanges: [], outcome: nil, trail: Trail()))),
        ]
    }

    @Test(
        "each is a line of its own in the case log and comes back as it was; cases are read as before"
    )
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        var limits = CaseLimits()
        limits.reserveOctets = 0
        let log = CaseLog(
            folder: folder.path, writer: "outbound", level: .headers, limits: limits, counters: CounterPage(),
            logger: LogCapture().logger)
        let records = try records()
        let session = Recorder(try House.ruleset()).record()
        log.keep(session)
        for record in records { log.keep(record) }
        log.close()
        var reader = CaseReader(folder: folder.path)
        var found: [TableRecord] = []
        reader.forEachTable {
            found.append($0)
            return true
        }
        #expect(found == records)
        var sessions: [CaseRecord] = []
        reader.forEach {
            sessions.append($0)
            return true
        }
        #expect(sessions == [session])
        #expect(reader.unreadable == 0)
    }

    @Test("explained, each says what was about to happen, by which line, and what came of it")
    func explanation() throws {
        let lines = try records().map { TableExplanation($0).lines.joined(separator: "\n") }
        #expect(
            lines[0].contains(
                "An attempt by channel night was about to begin, after 0 others for entry a1-1000.0."))
        #expect(lines[0].contains("mappings:3"))
        #expect(lines[0].contains("=> not tried for 600 s: DEQUEUE_ACCESS mappings:3: No mail at night"))
        #expect(lines[1].contains("about to connect to 192.0.2.5, address 1 of 2 of hop.example"))
        #expect(lines[1].contains("=> no mail may go there: Not there"))
        #expect(lines[2].contains("It was recorded as R of bob@example.test"))
        #expect(lines[2].contains("=> said: refused "))
        #expect(lines[3].contains("=> a copy is kept as relay/bob@example.test"))
        #expect(lines[4].contains("=> no copy is kept"))
        #expect(lines.allSatisfy { !$0.contains("\u{1B}") })
    }

    @Test("under the same rules each ends as it did, byte for byte (P12)")
    func identical() throws {
        for record in try records().prefix(4) {
            #expect(TableRejudgement.judge(record, by: ruleset).isIdentical(to: record), "\(record.id)")
        }
    }

    @Test(
        "under changed rules the difference is told by table; a question without an answer is never unchanged"
    )
    func changed() throws {
        let changed = try House.ruleset(
            """
            DEQUEUE_ACCESS

              night|*  $N$S600|No$ mail$ at$ night

            IP_ACCESS

              *        $Y

            LOG_ACTION

              *        $C$[dns_verify,dns_verify,a.example|yes|no]$<x

            """)
        var report = ReplayReport()
        for record in try records().prefix(4) {
            report.add(record, TableRejudgement.judge(record, by: changed))
        }
        #expect(report.cases == 4)
        #expect(report.unchanged == 1)
        #expect(
            Set(report.changed.map { "\($0.from) -> \($0.to)" }) == [
                "IP_ACCESS refuse -> IP_ACCESS connect", "MESSAGE-SAVE-COPY copy -> MESSAGE-SAVE-COPY none",
            ])
        #expect(report.unanswered.count == 1)
    }
}
