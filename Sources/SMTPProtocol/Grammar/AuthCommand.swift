// SPDX-License-Identifier: MIT

internal import Mail

/// `AUTH mechanism [initial-response]` (RFC 4954 §4).
struct AuthCommand: Hashable, Sendable {
    /// Upper case, 1 to 20 octets (RFC 4422 §3.1). It may be one that nobody knows.
    let mechanism: String
    /// As it came, Base64 or `=`, the empty response; nil where the client waits for a challenge.
    let initialResponse: [UInt8]?

    /// The scanner stands behind `AUTH` and its spaces.
    static func parse(_ scanner: inout LineScanner) -> Command {
        let word = scanner.take { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        let isWhole = scanner.isAtEnd || scanner.next == Octet.space
        guard (1...20).contains(word.count), isWhole else { return .malformed(.authGrammar) }
        scanner.skipSpaces()
        let mechanism = scanner.text(word).uppercased()
        guard !scanner.isAtEnd else {
            return .authenticate(AuthCommand(mechanism: mechanism, initialResponse: nil))
        }
        let response = scanner.take { $0 != Octet.space }
        guard scanner.isAtEnd else { return .malformed(.authGrammar) }
        return .authenticate(
            AuthCommand(mechanism: mechanism, initialResponse: Array(scanner.slice(response))))
    }
}
