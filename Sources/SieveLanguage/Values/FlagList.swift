// SPDX-License-Identifier: MIT

/// A list of IMAP flags (RFC 5232 §2): each once, its case as first written, in the order in which they came.
struct FlagList: Sendable, Hashable {
    private(set) var flags: [[UInt8]] = []

    /// Flags of one list. More than any mail store keeps for a message.
    private static let flagsMax = 100

    init() {}

    /// From strings that hold flags between blanks. What can be no flag is left out, as §2 has it.
    init(_ texts: [[UInt8]]) { add(texts) }

    mutating func add(_ texts: [[UInt8]]) {
        for flag in Self.split(texts) where !contains(flag) && flags.count < Self.flagsMax {
            flags.append(flag)
        }
    }

    mutating func remove(_ texts: [[UInt8]]) {
        for flag in Self.split(texts) {
            flags.removeAll { Comparator.fold($0) == Comparator.fold(flag) }
        }
    }

    /// With a blank between two, as a variable holds them.
    var joined: [UInt8] { Array(flags.joined(separator: [0x20])) }

    var texts: [String] { flags.map { String(decoding: $0, as: UTF8.self) } }

    private func contains(_ flag: [UInt8]) -> Bool {
        flags.contains { Comparator.fold($0) == Comparator.fold(flag) }
    }

    private static func split(_ texts: [[UInt8]]) -> [[UInt8]] {
        texts.flatMap { text in
            text.split(whereSeparator: { $0 == 0x20 || (0x09...0x0D).contains($0) }).map(Array.init)
        }
        .filter(isFlag)
    }

    /// RFC 9051 §9: a keyword, or a backslash and an atom; `\Recent` is the store's own.
    private static func isFlag(_ flag: [UInt8]) -> Bool {
        let atom = flag.first == UInt8(ascii: "\\") ? flag.dropFirst() : flag[...]
        guard !atom.isEmpty, Comparator.fold(flag) != Array("\\RECENT".utf8) else { return false }
        return atom.allSatisfy { octet in
            octet > 0x20 && octet < 0x7F && !"(){%*\"\\]".utf8.contains(octet)
        }
    }
}
