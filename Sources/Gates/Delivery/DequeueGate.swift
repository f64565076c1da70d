// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// An attempt to deliver is about to begin: `DEQUEUE_ACCESS`.
package struct DequeueGate: Evaluation {
    /// Seconds that `$S` can ask to wait: as long as any message waits at all.
    package static let waitSecondsMax = 30 * 86_400

    private var run: TableRun

    /// `isReading`: somebody only looks at the message (input flag `R`).
    package init(ruleset: Ruleset, facts: DequeueFacts, isReading: Bool = false) {
        run = TableRun(
            .dequeueAccess, probe: AccessTable.dequeueProbe(facts, ruleset.policy.access),
            inputFlags: isReading ? ["R"] : [], tables: ruleset.tables)
    }

    package mutating func next(_ answers: [Answer]) -> Step<DequeueFinding> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, let trail):
            guard outcome.overrun == nil else {
                return .done(
                    .postpone(seconds: nil, reason: "DEQUEUE_ACCESS: \(outcome.overrun ?? "")"), trail)
            }
            guard outcome.has("N") else { return .done(.attempt, trail) }
            let arguments = FlagArguments(outcome, order: AccessTable.dequeueAccess.argumentFlags)
            let seconds = arguments["S"].flatMap { Int(PlainText.trimmed($0)) }
            let text = PlainText.line(arguments["N"] ?? "", octetsMax: 400)
            let place = outcome.place?.description ?? ""
            let reason = "DEQUEUE_ACCESS \(place)\(text.isEmpty ? "" : ": \(text)")"
            return .done(
                .postpone(
                    seconds: seconds.map { min(max($0, 1), Self.waitSecondsMax) }, reason: reason), trail)
        }
    }
}

/// What is known of an entry when its delivery is about to be tried.
package struct DequeueFacts: Codable, Hashable, Sendable {
    package var channel: String
    /// What stands for the message's file: an entry has no file of its own before its first failure.
    package var file: String
    /// Seconds; nil where nobody knows.
    package var secondsInQueue: Int?
    /// Nil is the null reverse-path.
    package var sender: Address?
    /// `AUTH=` of MAIL FROM, decoded.
    package var authParameter: String?
    package var authenticated: Address?
    /// MT-PRIORITY (RFC 6710), 0 where none was said.
    package var priority: Int
    /// Of the first recipient.
    package var domain: String
    package var conversionTags: [String]
    /// Attempts before this one.
    package var retries: Int

    package init(
        channel: String, file: String, secondsInQueue: Int?, sender: Address?, authParameter: String? = nil,
        authenticated: Address? = nil, priority: Int = 0, domain: String, conversionTags: [String] = [],
        retries: Int = 0
    ) {
        self.channel = channel
        self.file = file
        self.secondsInQueue = secondsInQueue
        self.sender = sender
        self.authParameter = authParameter
        self.authenticated = authenticated
        self.priority = priority
        self.domain = domain
        self.conversionTags = conversionTags
        self.retries = retries
    }
}

package enum DequeueFinding: Codable, Hashable, Sendable {
    case attempt
    /// `$N`: not now, and this counts as no attempt. Again after so many seconds (`$S`), or when the retry
    /// schedule says.
    case postpone(seconds: Int?, reason: String)
}

extension AccessTable {
    /// `channel|filename|queue-time|envelope-from|auth-parameter|auth-sender|priority|domain`, then what
    /// `policy` adds: conversion tags, retries.
    static func dequeueProbe(_ facts: DequeueFacts, _ policy: AccessPolicy) -> String {
        var probe = Probe(policy)
        probe.add(facts.channel)
        probe.add(facts.file)
        probe.add(facts.secondsInQueue ?? -1)
        probe.add(facts.sender)
        probe.add(facts.authParameter ?? "")
        probe.add(facts.authenticated)
        probe.add(facts.priority)
        probe.add(facts.domain)
        if dequeueAccess.shows(tags: policy) { probe.add(facts.conversionTags.joined(separator: ",")) }
        if policy.showsRetries { probe.add(facts.retries) }
        return probe.text
    }
}
