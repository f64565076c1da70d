// SPDX-License-Identifier: MIT

/// The first word of a command (RFC 5321 §4.1.1 and its extensions), in any case.
enum Verb: Hashable, Sendable, CaseIterable {
    case ehlo, helo, mail, rcpt, data, rset, noop, vrfy, expn, help, quit
    case startTLS, auth, etrn, bdat
    /// A browser that was made to talk to us: what it posts would be read as commands.
    case http

    /// Nil where the word is none of ours. At most eight letters count, packed with the first one highest, so
    /// that a comparison is one of integers.
    init?(_ letters: ArraySlice<UInt8>) {
        guard letters.count <= 8 else { return nil }
        var packed: UInt64 = 0
        for letter in letters { packed = packed << 8 | UInt64(letter.upperCased) }
        switch packed {
        case 0x4548_4C4F: self = .ehlo
        case 0x4845_4C4F: self = .helo
        case 0x4D41_494C: self = .mail
        case 0x5243_5054: self = .rcpt
        case 0x4441_5441: self = .data
        case 0x5253_4554: self = .rset
        case 0x4E4F_4F50: self = .noop
        case 0x5652_4659: self = .vrfy
        case 0x4558_504E: self = .expn
        case 0x4845_4C50: self = .help
        case 0x5155_4954: self = .quit
        case 0x5354_4152_5454_4C53: self = .startTLS
        case 0x4155_5448: self = .auth
        case 0x4554_524E: self = .etrn
        case 0x4244_4154: self = .bdat
        // GET, PUT, POST, HEAD, CONNECT, OPTIONS.
        case 0x47_4554, 0x50_5554, 0x504F_5354, 0x4845_4144, 0x43_4F4E_4E45_4354, 0x4F_5054_494F_4E53:
            self = .http
        default: return nil
        }
    }
}
