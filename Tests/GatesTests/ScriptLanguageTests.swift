// SPDX-License-Identifier: MIT
import Mail
import SieveLanguage
import Testing

@testable import Gates

@Suite("Sun's actions, meters, lists and defects in scripts of a gateway")
struct ScriptLanguageTests {
    private static let message =
        "Subject: hello\r\nDate: Mon, 26 Oct 2026 10:00:00 +0000\r\nFrom: alice@sender.example\r\n\r\nHi.\r\n"

    private func trial(
        mta: String = "", user: String = "", message: String = message, others: [Question: Answer] = [:],
        databases: [String: String] = [:]
    ) throws -> ContentTrial {
        var world = World()
        world.others = others
        let ruleset = try Rules.make(
            mta: mta.isEmpty ? nil : mta, users: user.isEmpty ? [:] : ["bob@example.test": user],
            policy: Rules.policy, databases: databases)
        return ContentTrial(message, ruleset: ruleset, world: world)
    }

    @Test("redirect :list sends to each member of a database of the ruleset, without asking anybody")
    func list() throws {
        let script = #"require "extlists"; redirect :list "team";"#
        let found = try trial(
            mta: script, databases: ["team": "ann@partner.test x\ncal@partner.test y\n"])
        #expect(
            found.settlement.entries.flatMap(\.recipients).map(\.description).sorted() == [
                "ann@partner.test", "cal@partner.test",
            ])
        #expect(found.driven.rounds == [[.time]])
        let empty = try trial(user: script, databases: ["team": ""])
        #expect(empty.verdicts == [.relay])
        #expect(empty.results.contains { $0.contains("is empty") })
    }

    @Test("metermaid asks the meter; one that isn't there leaves mail alone, and the trail says so")
    func meter() throws {
        let script = #"require "metermaid"; if metermaid "throttle" "t" "alice" { reject "Too much"; }"#
        let question = Question.meter(MeterQuestion(table: "t", key: "alice", operation: .throttle))
        #expect(
            try trial(mta: script, others: [question: .meter(.use(count: 9, isOver: true))]).reply.code == 550
        )
        #expect(
            try trial(mta: script, others: [question: .meter(.use(count: 1, isOver: false))]).verdicts == [
                .relay
            ])
        let failed = try trial(mta: script, others: [question: .meter(.failed("there is no meter t"))])
        #expect(failed.verdicts == [.relay])
        #expect(failed.results.contains { $0.contains("there is no meter t") })
    }

    @Test("setenvelopefrom of an operator's script is the copies' sender; a user's isn't heeded")
    func envelopeSender() throws {
        let script = #"require "setenvelopefrom"; setenvelopefrom "list@example.test";"#
        #expect(
            try trial(mta: script).settlement.entries.map(\.sender) == [
                Address("list@example.test").map(EnvelopeSender.address)
            ])
        #expect(
            try trial(mta: #"require "setenvelopefrom"; setenvelopefrom "";"#).settlement.entries.map(
                \.sender)
                == [.null])
        #expect(try trial(user: script).settlement.entries.map(\.sender) == [nil])
    }

    @Test("redirect :resent puts who sent it on below our own fields")
    func resent() throws {
        let script = #"require "vnd.postern.gateway"; redirect :resent "ann@partner.test";"#
        let found = try trial(mta: script)
        #expect(found.delivered.contains("\r\nResent-From: bob@example.test\r\n"))
        #expect(found.delivered.contains("\r\nResent-To: ann@partner.test\r\n"))
        #expect(found.delivered.contains("\r\nResent-Message-ID: <"))
        let plain = try trial(mta: #"redirect "ann@partner.test";"#)
        #expect(!plain.delivered.contains("Resent-"))
    }

    @Test("defect holds what can be read in two ways")
    func defect() throws {
        let script = #"require ["vnd.postern.defect", "hold"]; if defect :matches "*oundar*" { hold "odd"; }"#
        let odd =
            "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\(Self.message)--a\r\n\r\nx\r\n--a--\r\n"
        #expect(try trial(mta: script, message: odd).verdicts == [.hold("odd")])
        #expect(try trial(mta: script).verdicts == [.relay])
    }

    @Test("addprefix puts its text before the body's")
    func prefix() throws {
        let found = try trial(mta: #"require "addprefix"; addprefix "[from outside]";"#)
        #expect(found.delivered.hasSuffix("\r\n\r\n[from outside]\r\nHi.\r\n"))
    }
}
