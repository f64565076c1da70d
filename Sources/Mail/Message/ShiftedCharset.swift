// SPDX-License-Identifier: MIT

/// Charsets in which an escape sequence changes what all later octets mean. Their characters are rewritten as
/// charsets without such a state have them, with the eighth bit: the C library sees only those.
enum ShiftedCharset {
    /// Octets that one charset without a state reads.
    struct Run {
        let charset: Charset.StaticName
        var octets: [UInt8]
    }

    /// No charset used here has this octet: it becomes U+FFFD.
    private static let undecodable: UInt8 = 0xFF
    private static let escape: UInt8 = 0x1B

    /// What the octets after an escape sequence are.
    private enum Japanese {
        /// Also ISO 646-JP, whose yen and overline senders mean as backslash and tilde.
        case ascii
        case kanji
        case katakana
        /// JIS X 0212.
        case supplement
        case chinese
        case korean
        case unknown
    }

    /// ISO-2022-JP (RFC 1468), -1 (RFC 2237) and -2 (RFC 1554), the last without its upper halves of ISO
    /// 8859; with half-width katakana, as Windows writes them.
    static func japanese(_ octets: UnsafeRawBufferPointer) -> [Run] {
        var runs = RunList(first: Charset.eucJapanese, capacity: octets.count)
        var set = Japanese.ascii
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            if octet == escape {
                guard let found = japaneseSet(octets, at: index + 1) else {
                    runs.append(undecodable, Charset.eucJapanese)
                    index += 1
                    continue
                }
                set = found.set
                index += 1 + found.octets
                continue
            }
            // A line begins in ASCII, whatever the one before forgot.
            if octet == ASCII.cr || octet == ASCII.lf { set = .ascii }
            let isGraphic = octet > 0x20 && octet < 0x7F
            index += 1
            guard isGraphic, set != .ascii else {
                runs.append(octet < 0x80 ? octet : undecodable, Charset.eucJapanese)
                continue
            }
            switch set {
            case .ascii, .unknown: runs.append(undecodable, Charset.eucJapanese)
            case .katakana:
                runs.append(0x8E, Charset.eucJapanese)
                runs.append(octet | 0x80, Charset.eucJapanese)
            case .kanji, .supplement, .chinese, .korean:
                let charset =
                    set == .chinese
                    ? Charset.chinese : set == .korean ? Charset.unifiedHangul : Charset.eucJapanese
                guard index < octets.count, octets[index] > 0x20, octets[index] < 0x7F else {
                    runs.append(undecodable, charset)
                    continue
                }
                if set == .supplement { runs.append(0x8F, charset) }
                runs.append(octet | 0x80, charset)
                runs.append(octets[index] | 0x80, charset)
                index += 1
            }
        }
        return runs.runs
    }

    /// The set that the escape sequence names whose octets after ESC stand at `index`.
    private static func japaneseSet(
        _ octets: UnsafeRawBufferPointer, at index: Int
    ) -> (set: Japanese, octets: Int)? {
        guard index + 1 < octets.count else { return nil }
        let second = octets[index + 1]
        switch octets[index] {
        case ASCII.openParenthesis:
            switch second {
            case UInt8(ascii: "B"), UInt8(ascii: "J"), UInt8(ascii: "H"): return (.ascii, 2)
            case UInt8(ascii: "I"): return (.katakana, 2)
            default: return (.unknown, 2)
            }
        case UInt8(ascii: "$"):
            switch second {
            case ASCII.at, UInt8(ascii: "B"): return (.kanji, 2)
            case UInt8(ascii: "A"): return (.chinese, 2)
            case ASCII.openParenthesis:
                guard index + 2 < octets.count else { return nil }
                switch octets[index + 2] {
                case ASCII.at, UInt8(ascii: "B"): return (.kanji, 3)
                case UInt8(ascii: "C"): return (.korean, 3)
                case UInt8(ascii: "D"): return (.supplement, 3)
                default: return (.unknown, 3)
                }
            default: return nil
            }
        default: return nil
        }
    }

    /// ISO-2022-KR (RFC 1557): between SO and SI two octets are a character.
    static func korean(_ octets: UnsafeRawBufferPointer) -> [Run] {
        let designation: [UInt8] = [escape, UInt8(ascii: "$"), ASCII.closeParenthesis, UInt8(ascii: "C")]
        var rewritten: [UInt8] = []
        rewritten.reserveCapacity(octets.count)
        var isShifted = false
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            index += 1
            switch octet {
            case 0x0E: isShifted = true
            case 0x0F: isShifted = false
            case escape:
                if LineReader.matches(designation, in: octets, at: index - 1) {
                    index += designation.count - 1
                } else {
                    rewritten.append(undecodable)
                }
            case ASCII.cr, ASCII.lf:
                isShifted = false
                rewritten.append(octet)
            case 0x21...0x7E: rewritten.append(isShifted ? octet | 0x80 : octet)
            default: rewritten.append(octet < 0x80 ? octet : undecodable)
            }
        }
        return [Run(charset: Charset.unifiedHangul, octets: rewritten)]
    }

    /// HZ (RFC 1843): between `~{` and `~}` two octets are a character.
    static func chinese(_ octets: UnsafeRawBufferPointer) -> [Run] {
        let tilde = UInt8(ascii: "~")
        var rewritten: [UInt8] = []
        rewritten.reserveCapacity(octets.count)
        var isShifted = false
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            index += 1
            if octet == tilde, index < octets.count {
                let next = octets[index]
                switch (next, isShifted) {
                case (UInt8(ascii: "{"), false): isShifted = true
                case (UInt8(ascii: "}"), true): isShifted = false
                case (tilde, false): rewritten.append(tilde)
                // A line that goes on.
                case (ASCII.lf, false): break
                default:
                    rewritten.append(undecodable)
                    continue
                }
                index += 1
                continue
            }
            if octet == ASCII.cr || octet == ASCII.lf { isShifted = false }
            if isShifted, octet > 0x20, octet < 0x7F {
                rewritten.append(octet | 0x80)
            } else {
                rewritten.append(octet < 0x80 ? octet : undecodable)
            }
        }
        return [Run(charset: Charset.chinese, octets: rewritten)]
    }
}

/// Octets of one charset after the other.
private struct RunList {
    private(set) var runs: [ShiftedCharset.Run]

    /// Changes between Japanese, Chinese and Korean in one text: each begins a conversion of its own, with
    /// its own memory. No text that somebody reads has so many; what comes later in another language becomes
    /// U+FFFD.
    private static let runsMax = 1_000

    init(first: Charset.StaticName, capacity: Int) {
        runs = [.init(charset: first, octets: [])]
        runs[0].octets.reserveCapacity(capacity)
    }

    /// ASCII may stand in any run.
    mutating func append(_ octet: UInt8, _ charset: Charset.StaticName) {
        guard octet >= 0x80, octet != 0xFF, runs[runs.count - 1].charset != charset else {
            runs[runs.count - 1].octets.append(octet)
            return
        }
        guard runs.count < Self.runsMax else {
            runs[runs.count - 1].octets.append(0xFF)
            return
        }
        runs.append(.init(charset: charset, octets: [octet]))
    }
}
