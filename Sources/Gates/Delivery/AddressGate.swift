// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// An address that outbound is about to connect to: `IP_ACCESS`.
package struct AddressGate: Evaluation {
    private var run: TableRun

    package init(ruleset: Ruleset, facts: AddressFacts) {
        run = TableRun(
            .ipAccess, probe: AccessTable.addressProbe(facts, ruleset.policy.access), inputFlags: [],
            tables: ruleset.tables)
    }

    package mutating func next(_ answers: [Answer]) -> Step<AddressFinding> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, var trail):
            // Not refused for good because a table went wrong; but not connected to either.
            guard outcome.overrun == nil else { return .done(.skip, trail) }
            let arguments = FlagArguments(outcome, order: AccessTable.ipAccess.argumentFlags)
            if outcome.has("N") {
                let text = arguments["N"] ?? ""
                return .done(.refuse(PlainText.line(text, octetsMax: 400)), trail)
            }
            if outcome.has("I") { return .done(.skip, trail) }
            guard let text = arguments["A"] else { return .done(.connect, trail) }
            if let address = IPAddress(PlainText.trimmed(text)) {
                return .done(.replace(address), trail)
            }
            trail.append(
                Trail.Entry(
                    .mapping, rule: outcome.place?.description, about: AccessTable.ipAccess.rawValue,
                    result: "$A \"\(PlainText.excerpt(text))\" is no address; this one is skipped"))
            return .done(.skip, trail)
        }
    }
}

/// What is known of an address when it is about to be connected to.
package struct AddressFacts: Codable, Hashable, Sendable {
    /// By which the message leaves.
    package var channel: String
    /// Of this address among the host's, from 1.
    package var number: Int
    /// How many addresses the host has.
    package var count: Int
    package var address: IPAddress
    package var host: String

    package init(channel: String, number: Int, count: Int, address: IPAddress, host: String) {
        self.channel = channel
        self.number = number
        self.count = count
        self.address = address
        self.host = host
    }
}

package enum AddressFinding: Codable, Hashable, Sendable {
    case connect
    /// `$I`: on to the next address.
    case skip
    /// `$A`: to this address instead.
    case replace(IPAddress)
    /// `$N`: no mail may go there; what waits is refused for an invalid host. The text is for the log, and
    /// for no report.
    case refuse(String)
}

extension AccessTable {
    /// `source-channel|address-current|address-count|ip-current|hostname`.
    static func addressProbe(_ facts: AddressFacts, _ policy: AccessPolicy) -> String {
        var probe = Probe(policy)
        probe.add(facts.channel)
        probe.add(facts.number)
        probe.add(facts.count)
        probe.add("\(facts.address)")
        probe.add(facts.host)
        return probe.text
    }
}
