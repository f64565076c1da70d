// SPDX-License-Identifier: MIT

/// What a table asks to be done besides admitting or rejecting. It concerns the session, not the message.
///
/// Every judgement of every case carries one, nearly always empty: a record holds only what differs from
/// that, and what is missing from one is read as the default.
package struct Consequences: Hashable, Sendable {
    /// Texts for the system's log: those of `$<`, and where the probe was rejected those of `$>`. Printable
    /// ASCII, each at most `noticeOctetsMax`.
    package var notices: [String] = []
    /// `$D`, negative: how long to wait before the reply to this command, in 1/100 s. At most `delayMax`.
    package var replyDelay: Int?
    /// `$D`, positive: how long to wait before each reply of the transaction, in 1/100 s. At most
    /// `delayMax`.
    package var transactionDelay: Int?
    /// `$/`: end the connection with the reply. Set only where the probe was rejected.
    package var disconnects = false
    /// `$T` of `PORT_ACCESS`: for the connection's log record. Printable ASCII, at most `noticeOctetsMax`.
    package var connectionNote: String?
    /// `$U`: level of detail of the log for this transaction, 0 to `debugLevelMax`.
    package var debugLevel: Int?

    /// Hundredths of a second that `$D` can make a client wait for one reply: four of the five minutes after
    /// which clients give up (RFC 5321 §4.5.3.2.2).
    package static let delayMax = 24_000
    /// Octets of one text for a log: what a system log takes as a line (RFC 5424 §6.1).
    package static let noticeOctetsMax = 1_024
    /// Texts for logs that one judgement keeps: four tables, each with two, and a recipient's own.
    package static let noticesMax = 20
    /// Levels of detail that `$U` can ask for.
    package static let debugLevelMax = 99

    package init() {}

    package var isEmpty: Bool { self == Consequences() }

    /// Takes in what a further table asks for: all notices, the longer delays.
    package mutating func formUnion(_ other: Consequences) {
        guard !other.isEmpty else { return }
        notices = Array((notices + other.notices).prefix(Self.noticesMax))
        replyDelay = [replyDelay, other.replyDelay].compactMap { $0 }.max()
        transactionDelay = [transactionDelay, other.transactionDelay].compactMap { $0 }.max()
        disconnects = disconnects || other.disconnects
        connectionNote = connectionNote ?? other.connectionNote
        debugLevel = [debugLevel, other.debugLevel].compactMap { $0 }.max()
    }
}

extension Consequences: Codable {
    private enum Key: String, CodingKey {
        case notices, replyDelay, transactionDelay, disconnects, connectionNote, debugLevel
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        notices = try container.decodeIfPresent([String].self, forKey: .notices) ?? []
        replyDelay = try container.decodeIfPresent(Int.self, forKey: .replyDelay)
        transactionDelay = try container.decodeIfPresent(Int.self, forKey: .transactionDelay)
        disconnects = try container.decodeIfPresent(Bool.self, forKey: .disconnects) ?? false
        connectionNote = try container.decodeIfPresent(String.self, forKey: .connectionNote)
        debugLevel = try container.decodeIfPresent(Int.self, forKey: .debugLevel)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        if !notices.isEmpty { try container.encode(notices, forKey: .notices) }
        try container.encodeIfPresent(replyDelay, forKey: .replyDelay)
        try container.encodeIfPresent(transactionDelay, forKey: .transactionDelay)
        if disconnects { try container.encode(true, forKey: .disconnects) }
        try container.encodeIfPresent(connectionNote, forKey: .connectionNote)
        try container.encodeIfPresent(debugLevel, forKey: .debugLevel)
    }
}
