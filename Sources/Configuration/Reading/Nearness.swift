// SPDX-License-Identifier: MIT

/// Finds the word that was probably meant, for "did you mean".
enum Nearness {
    /// Longer words aren't compared: the work grows with the product of the lengths.
    static let wordOctetsMax = 64

    /// The nearest of `candidates`, if it is near enough to be a slip of the fingers: one edit for each three
    /// octets, where an edit inserts, drops, replaces or swaps. The first wins among equals.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let folded = fold(word)
        guard folded.count <= wordOctetsMax else { return nil }
        var best: (word: String, edits: Int)?
        for candidate in candidates where candidate != word {
            let other = fold(candidate)
            guard other.count <= wordOctetsMax else { continue }
            let edits = distance(folded, other)
            guard edits <= max(1, max(folded.count, other.count) / 3) else { continue }
            if let known = best, known.edits <= edits { continue }
            best = (candidate, edits)
        }
        return best?.word
    }

    /// `Message-Size` and `message_size` are one word to whoever mistypes.
    private static func fold(_ word: String) -> [UInt8] {
        word.utf8.map { byte in
            switch byte {
            case 0x41...0x5A: byte | 0x20
            case UInt8(ascii: "-"), UInt8(ascii: " "): UInt8(ascii: "_")
            default: byte
            }
        }
    }

    /// Optimal string alignment: Levenshtein's distance, with swaps of neighbours as one edit.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var rows: [[Int]] = [Array(0...other.count)]
        for i in 0..<one.count {
            var row = [i + 1]
            for j in 0..<other.count {
                let isSame = one[i] == other[j]
                var edits = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (isSame ? 0 : 1))
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    edits = min(edits, rows[i - 1][j - 1] + 1)
                }
                row.append(edits)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
