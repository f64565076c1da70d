// SPDX-License-Identifier: MIT

internal import Mail

extension DuplicateTest {
    /// Asked once for each id; what the same evaluation sees again isn't a duplicate of itself (RFC 7352 §3).
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let id: [UInt8]
        switch identity {
        case .value(let phrase): id = try execution.octets(of: phrase)
        case .field(let name):
            guard let name, let first = try execution.rawValues(name, .fromFirst(1)).first else {
                return false
            }
            id = first
        }
        guard !id.isEmpty else { return false }
        let handle = try handle.map { phrase throws(Interruption) in try execution.octets(of: phrase) } ?? []
        let question = MemoryQuestion(
            purpose: .duplicate, owner: execution.owner, key: MemoryKey.text([handle, id]))
        guard case .memory(let expires) = try execution.answer(to: .memory(question)) else {
            // Without a memory nothing is known to be a duplicate (§3); nothing is lost that way.
            return false
        }
        // The time counts from the first message, or with `:last` from each.
        if expires == nil || isLast { execution.note(.remember(question, seconds: seconds)) }
        return expires != nil
    }
}
