// SPDX-License-Identifier: MIT

/// What words of the language stand for, for looking up every word of a script. The words are those of the
/// program, never a script's, so that a cheap sum serves where a dictionary has to guard itself against
/// chosen keys.
struct WordTable<Value: Sendable>: Sendable {
    /// The words of one sum each; a handful at most.
    private var buckets = [[(word: String, value: Value)]](repeating: [], count: 128)

    /// Of several with one word the first counts.
    init(_ entries: [(word: String, value: Value)]) {
        for entry in entries where self[entry.word] == nil {
            buckets[Self.sum(entry.word)].append(entry)
        }
    }

    subscript(word: String) -> Value? {
        for entry in buckets[Self.sum(word)] where entry.word.isWord(word) { return entry.value }
        return nil
    }

    private static func sum(_ word: String) -> Int {
        let octets = word.utf8
        return octets.first.map { (octets.count &* 9 &+ Int($0)) & 127 } ?? 0
    }
}

extension String {
    /// As `==`, faster where they differ, as most words of a script do: in their length.
    func isWord(_ other: String) -> Bool { utf8.count == other.utf8.count && self == other }
}
