// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// What the table `SPF_LOCAL` has instead of a domain's SPF record in DNS (RFC 7208 §4.4), which it is
/// consulted before.
package struct LocalSPFRecord: Evaluation {
    /// Octets of a record: what DNS could hold in one answer over UDP, many times over.
    package static let octetsMax = 4_096

    private var run: TableRun

    /// `domain` as the check has it; nothing in it has a meaning here.
    package init(domain: String, ruleset: Ruleset) {
        var probe = Probe(ruleset.policy.access)
        probe.add(domain)
        run = TableRun(.spfLocal, probe: probe.text, inputFlags: [], tables: ruleset.tables)
    }

    package mutating func next(_ answers: [Answer]) -> Step<LocalRecord> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, let trail):
            guard outcome.overrun == nil else { return .done(.unknown, trail) }
            guard outcome.matched, outcome.has("Y"), !outcome.has("N"), !outcome.output.isEmpty else {
                return .done(.none, trail)
            }
            return .done(
                .record(PlainText.line(outcome.output, octetsMax: Self.octetsMax)), trail)
        }
    }
}

/// What a local table knows in the place of DNS.
package enum LocalRecord: Codable, Hashable, Sendable {
    case record(String)
    /// It says nothing: DNS is to be asked.
    case none
    /// It could not be evaluated to its end; the trail says why. A temporary error of the check.
    case unknown
}
