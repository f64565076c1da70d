// SPDX-License-Identifier: MIT

extension Execution {
    /// The score of the message, from the settings' header fields or from the gateway's scanners, with what
    /// `spamadjust` and `virusset` made of it.
    mutating func spamFinding() throws(Interruption) -> SpamFinding {
        if let known = knownSpam { return known }
        var finding = subject.spam
        if let header = subject.settings.spamHeader {
            finding.percent = try share(header).map { $0 * 100 }
        }
        if let header = subject.settings.virusHeader {
            switch header.form {
            // Words stand for levels themselves.
            case .words: finding.virusLevel = try score(header).map { Int($0) } ?? 0
            case .number, .length:
                finding.virusLevel = try share(header).map { Int(($0 * 4).rounded(.down)) + 1 } ?? 0
            }
        }
        knownSpam = finding
        return finding
    }

    /// From 0 to 1; nil where the field doesn't say.
    private mutating func share(_ header: HeaderScore) throws(Interruption) -> Double? {
        guard let score = try score(header) else { return nil }
        var greatest: Double?
        switch header.greatest {
        case .value(let value): greatest = value
        case .field(let name, let expression):
            greatest = try text(of: name, expression).flatMap { Double(String(decoding: $0, as: UTF8.self)) }
        }
        // "nan" and "inf" read as numbers, and are none to reckon with.
        guard let greatest, greatest > 0, greatest.isFinite, score.isFinite else { return nil }
        return min(1, max(0, score / greatest))
    }

    private mutating func score(_ header: HeaderScore) throws(Interruption) -> Double? {
        guard let text = try text(of: header.field, header.expression) else { return nil }
        let shown = String(decoding: text, as: UTF8.self)
        switch header.form {
        case .number: return Double(shown)
        case .length: return Double(text.count)
        case .words(let words):
            return words.first { $0.key.lowercased() == shown.lowercased() }.map { Double($0.value) }
        }
    }

    private mutating func text(of name: String, _ expression: String?) throws(Interruption) -> [UInt8]? {
        let field = FieldName.phrase(.constant(Array(name.utf8)))
        guard let body = try rawValues(field, .fromFirst(1)).first else { return nil }
        guard let expression else { return body }
        let compiled: RegularExpression
        do {
            compiled = try RegularExpression(Array(expression.utf8), ignoresCase: true)
        } catch {
            throw .fault("\"\(expression)\" is no regular expression: \(error.text)")
        }
        return try compiled.match(body)?.dropFirst().first.map { Array(body[$0]) }
    }
}
