// SPDX-License-Identifier: MIT
internal import Mail

/// An effect as it stands in a commit's record: u8 kind (0 remember), u8 purpose (1 duplicate, 2 vacation, 3
/// notify), text owner, text key, u64 seconds.
enum EffectCode {
    /// What the shortest takes.
    static let octetsMin = 18

    static func octets(_ effect: Effect) -> Int {
        switch effect {
        case .remember(let memory, _): octetsMin + memory.owner.utf8.count + memory.key.utf8.count
        }
    }

    static func put(_ effect: Effect, into buffer: inout RecordBuffer) {
        switch effect {
        case .remember(let memory, let seconds):
            buffer.put(UInt8(0))
            buffer.put(code(memory.purpose))
            buffer.put(memory.owner)
            buffer.put(memory.key)
            buffer.put(UInt64(clamping: seconds))
        }
    }

    static func take(_ bytes: inout RecordBytes) throws(RecordBytes.Malformed) -> Effect {
        let kind = try bytes.number(UInt8.self)
        guard kind == 0 else { throw .init(what: "it has an effect of kind \(kind)") }
        let code = try bytes.number(UInt8.self)
        guard let purpose = MemoryQuestion.Purpose.allCases.first(where: { self.code($0) == code }) else {
            throw .init(what: "an effect remembers for purpose \(code)")
        }
        let memory = MemoryQuestion(purpose: purpose, owner: try bytes.text(), key: try bytes.text())
        return .remember(memory, seconds: Int(clamping: try bytes.number(UInt64.self)))
    }

    /// Numbers of the format, which the order of a Swift declaration must not change.
    private static func code(_ purpose: MemoryQuestion.Purpose) -> UInt8 {
        switch purpose {
        case .duplicate: 1
        case .vacation: 2
        case .notify: 3
        }
    }
}
