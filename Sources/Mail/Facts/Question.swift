// SPDX-License-Identifier: MIT

/// What an evaluation wants to know of the world. It only reads, and is a value: a case records it beside its
/// answer,
/// and a replay looks the answer up by it.
///
/// Adding a case is a new version; changing one is a new case. See `questionVersion`.
package enum Question: Codable, Hashable, Sendable {
    case dns(DNSQuestion)
    /// A routine that a mapping template names, `$[image,routine,argument]`. Gates answers those built in by
    /// asking
    /// further questions; only one it doesn't know would leave the process, and `check` refuses it before
    /// that.
    case callout(Callout)
    /// What one scanner says of the received bytes of the message being judged.
    case scan(scanner: String)
    /// Seconds since 1970-01-01 UTC.
    case time
    /// A number that nobody can guess: millionths, 0 to 999,999.
    case dice
    case sequence(SequenceQuestion)
    case database(DatabaseQuestion)
    case directory(DirectoryQuestion)
    case meter(MeterQuestion)
    case recipient(RecipientQuestion)
    case memory(MemoryQuestion)
    case identity(IdentityQuestion)
    case script(ScriptQuestion)
}

/// The next number of a sequence. Asking takes it: no two evaluations get the same one before it wraps round.
package struct SequenceQuestion: Codable, Hashable, Sendable {
    /// The base name of a file in the state folder's `sequences/`.
    package var name: String
    /// Numbers run from 0 to one below; nil: without bound.
    package var modulus: Int64?

    package init(name: String, modulus: Int64?) {
        self.name = name
        self.modulus = modulus
    }
}

/// The version of `Question`, `Answer` and of everything a case records. A reader refuses any other.
package let factsVersion = 3

package struct Callout: Codable, Hashable, Sendable {
    /// The base name of the image without folder and `.so`: `dns_verify`.
    package var image: String
    package var routine: String
    /// Expanded, commas included.
    package var argument: String

    package init(image: String, routine: String, argument: String) {
        self.image = image
        self.routine = routine
        self.argument = argument
    }
}

package struct DNSQuestion: Codable, Hashable, Sendable {
    /// Lower case, no trailing dot, at most 253 octets, letters, digits, `-`, `_` and `.` only.
    package let name: String
    package let type: RecordType

    package enum RecordType: String, Codable, Hashable, Sendable, CaseIterable {
        case a = "A"
        case aaaa = "AAAA"
        case txt = "TXT"
        case mx = "MX"
        case ptr = "PTR"
        case cname = "CNAME"
        case tlsa = "TLSA"
    }

    /// Nil where the name can't be asked: empty labels, labels over 63 octets, over 253 in all, other
    /// characters.
    /// A name from outside thus never carries a byte that a resolver, a log or a zone file would read
    /// otherwise.
    package init?(name: String, type: RecordType) {
        // Some characters beyond ASCII have a lower case in it: U+212A folds to "k".
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        var folded = name.lowercased()
        if folded.hasSuffix(".") { folded.removeLast() }
        let labels = folded.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard folded.utf8.count <= 253 else { return nil }
        for label in labels {
            guard (1...63).contains(label.count) else { return nil }
            for byte in label {
                switch byte {
                case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"): continue
                default: return nil
                }
            }
        }
        self.name = folded
        self.type = type
    }
}
