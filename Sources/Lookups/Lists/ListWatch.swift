// SPDX-License-Identifier: MIT

package import Logging
package import Mail
package import Telemetry

/// Tests each DNS list by its own test entries (RFC 5782 §5), once a minute, and mutes the sick: a list that
/// lists everything would turn away all mail, one that lists nothing or doesn't answer only costs time.
///
/// Belongs to the role's loop.
package final class ListWatch: NameWatch {
    /// How often each list is tested, in milliseconds.
    package static let intervalMs: Int64 = 60_000
    /// Tests in a row without a useful answer before a list is muted. One may be a lost packet; a wrong
    /// answer is none, and counts at once.
    static let silencesMax = 2

    private struct List {
        let settings: ListSettings
        let listed: DNSQuestion
        let unlisted: DNSQuestion
        let suffix: String
        var dueMs: Int64 = 0
        var answers: [DNSQuestion: DNSAnswer] = [:]
        var silences = 0
        /// Why it is muted; nil while it isn't.
        var muted: String?
    }

    private enum Health {
        case good
        /// It answers, and wrongly.
        case wrong(String)
        case silent(String)
    }

    private var lists: [List]
    private let counters: CounterPage
    private let logger: Logger

    /// Lists whose zone makes no test name are left out: the names would be too long to ask for anyway.
    package init(_ settings: [ListSettings], counters: CounterPage, logger: Logger) {
        lists = settings.compactMap { list in
            let (listed, unlisted) =
                switch list.kind {
                case .address: ("2.0.0.127", "1.0.0.127")
                case .domain: ("test", "invalid")
                }
            guard let good = DNSQuestion(name: "\(listed).\(list.zone)", type: .a),
                let bad = DNSQuestion(name: "\(unlisted).\(list.zone)", type: .a)
            else { return nil }
            return List(settings: list, listed: good, unlisted: bad, suffix: "." + list.zone)
        }
        self.counters = counters
        self.logger = logger
        counters.set(.listsMuted, to: 0)
    }

    package func objection(to question: DNSQuestion) -> String? {
        for list in lists {
            guard let reason = list.muted,
                question.name.hasSuffix(list.suffix) || question.name == list.settings.zone
            else { continue }
            return "list \(list.settings.name) is muted: \(reason)"
        }
        return nil
    }

    package func due(nowMs: Int64) -> [DNSQuestion] {
        var questions: [DNSQuestion] = []
        for index in lists.indices where lists[index].dueMs <= nowMs {
            // An answer that is still to come from the last test is late by now.
            if lists[index].dueMs != 0, lists[index].answers.count < 2 {
                judge(index, .silent("it took longer than \(Self.intervalMs / 1_000) s to answer"))
            }
            lists[index].dueMs = nowMs + Self.intervalMs
            lists[index].answers = [:]
            questions += [lists[index].listed, lists[index].unlisted]
        }
        return questions
    }

    package func hear(_ answer: DNSAnswer, to question: DNSQuestion, nowMs: Int64) {
        for index in lists.indices
        where question == lists[index].listed || question == lists[index].unlisted {
            lists[index].answers[question] = answer
            guard let listed = lists[index].answers[lists[index].listed],
                let unlisted = lists[index].answers[lists[index].unlisted]
            else { continue }
            judge(index, Self.health(lists[index], listed: listed, unlisted: unlisted))
        }
    }

    private func judge(_ index: Int, _ health: Health) {
        let before = lists[index].muted
        switch health {
        case .good:
            lists[index].silences = 0
            lists[index].muted = nil
        case .wrong(let reason): lists[index].muted = reason
        case .silent(let reason):
            lists[index].silences += 1
            if lists[index].silences >= Self.silencesMax { lists[index].muted = reason }
        }
        let settings = lists[index].settings
        counters.set(.listsMuted, to: UInt64(lists.count { $0.muted != nil }))
        if let reason = lists[index].muted, before == nil {
            counters.add(.listMutings)
            logger.log(WatchEvent.listMuted(list: settings.name, zone: settings.zone, reason: reason))
        } else if lists[index].muted == nil, before != nil {
            logger.log(WatchEvent.listBack(list: settings.name, zone: settings.zone))
        }
    }

    private static func health(_ list: List, listed: DNSAnswer, unlisted: DNSAnswer) -> Health {
        if case .records(let records, _) = unlisted {
            return .wrong(
                error(records) ?? "it lists \(list.unlisted.name), which no list may (RFC 5782 §5)")
        }
        if case .failed(let reason) = unlisted { return .silent("\(list.unlisted.name): \(reason)") }
        if case .timedOut = unlisted { return .silent("\(list.unlisted.name): no answer in time") }
        switch listed {
        case .records(let records, _):
            if let error = error(records) { return .wrong(error) }
            // Parked domains answer every name with the address of a web server.
            return records.allSatisfy { $0.hasPrefix("127.") }
                ? .good : .wrong("it answers with \(records.first ?? "?"), and lists answer with 127.x.x.x")
        case .noData, .noSuchName:
            return .wrong("it doesn't list \(list.listed.name), which every list must (RFC 5782 §5)")
        case .failed(let reason): return .silent("\(list.listed.name): \(reason)")
        case .timedOut: return .silent("\(list.listed.name): no answer in time")
        }
    }

    /// What several lists answer with instead of an entry: asked through a public resolver, asked too much.
    private static func error(_ records: [String]) -> String? {
        records.first { $0.hasPrefix("127.255.255.") }.map {
            "it refuses us with \($0): ask it through a resolver of your own, and within its terms of use"
        }
    }
}
