// SPDX-License-Identifier: MIT

internal import Mail

/// One `KEYWORD` or `KEYWORD=value` behind a path (RFC 5321 §4.1.2, `esmtp-param`).
struct Parameter: Hashable, Sendable {
    /// Upper case.
    let keyword: String
    /// Nil where there was no `=`. Upper case, as every value that we know is compared without case.
    let value: String?
    /// The value as it came.
    let text: String?

    enum List: Hashable, Sendable {
        case parameters([Parameter])
        case malformed(Reply)
    }

    /// Reads up to the line's end. A keyword that comes twice is refused: two readers might each believe
    /// another.
    static func parse(_ scanner: inout LineScanner) -> List {
        var parameters: [Parameter] = []
        while !scanner.isAtEnd {
            guard scanner.skipSpaces() > 0, parameters.count < SMTPLimits.parametersMax else {
                return .malformed(.malformedParameter)
            }
            let keyword = scanner.take { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
            guard let first = scanner.slice(keyword).first, first.isLetterOrDigit else {
                return .malformed(.malformedParameter)
            }
            var text: String?
            if scanner.take(UInt8(ascii: "=")) {
                let range = scanner.take { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") }
                guard !range.isEmpty else { return .malformed(.malformedParameter) }
                text = scanner.text(range)
            }
            let parameter = Parameter(
                keyword: scanner.text(keyword).uppercased(), value: text?.uppercased(), text: text)
            guard !parameters.contains(where: { $0.keyword == parameter.keyword }) else {
                return .malformed(.malformedParameter)
            }
            parameters.append(parameter)
        }
        return .parameters(parameters)
    }
}
