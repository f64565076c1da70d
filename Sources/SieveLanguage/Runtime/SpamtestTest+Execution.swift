// SPDX-License-Identifier: MIT

extension SpamtestTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let finding = try execution.spamFinding()
        let value = isPercent ? Int((finding.percent ?? 0).rounded()) : finding.score
        return try execution.match(keys, value, isKnown: finding.percent != nil)
    }
}

extension VirustestTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let level = try execution.spamFinding().virusLevel
        return try execution.match(keys, level, isKnown: level > 0)
    }
}

extension Execution {
    /// `:count` says whether anybody looked (RFC 5235 §3.2).
    fileprivate mutating func match(
        _ keys: KeyMatcher, _ value: Int, isKnown: Bool
    ) throws(Interruption) -> Bool {
        if case .count = keys.type {
            return try keys.keys(&self).match(count: isKnown ? 1 : 0, &self)
        }
        return try keys.match([FieldValue(String(value))], &self)
    }
}
