// SPDX-License-Identifier: MIT
import Mail

@testable import Gates

/// One message put through the content gate.
struct ContentTrial {
    let driven: Driven<Settlement>
    private let message: MessageBytes

    static let plain = "Subject: hello\r\nFrom: alice@sender.example\r\n\r\nGood morning.\r\n"

    init(
        _ text: String = plain, ruleset: Ruleset, facts: ContentFacts = Rules.facts(), world: World = World()
    ) {
        message = MessageBytes(Array(text.utf8))
        driven = drive(ContentGate(ruleset: ruleset, facts: facts, bytes: message), in: world)
    }

    var settlement: Settlement { driven.outcome }
    var reply: Reply { settlement.reply }
    var verdicts: [Verdict] { settlement.verdicts.map(\.verdict) }
    var debts: [Debt] { settlement.entries.map(\.debt) }
    var results: [String] { driven.results }

    /// As the recipients of the first edition get it; empty where there is none.
    var delivered: String {
        settlement.editions.first.map { String(decoding: $0.bytes(of: message), as: UTF8.self) } ?? ""
    }

    /// Each edition, as those get it who get that one.
    var editions: [String] {
        settlement.editions.map { String(decoding: $0.bytes(of: message), as: UTF8.self) }
    }

    /// What stands before the message's own first octet in the first edition.
    var top: [String] {
        guard case .inserted(let bytes)? = settlement.editions.first?.pieces.first else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }
}

extension Verdict {
    /// Its name alone.
    var word: String {
        switch self {
        case .relay: "relay"
        case .hold: "hold"
        case .reject: "reject"
        case .discard: "discard"
        case .retryLater: "retry later"
        }
    }
}
