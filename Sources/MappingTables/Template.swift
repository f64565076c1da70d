// SPDX-License-Identifier: MIT

/// The right half of an entry, compiled once.
struct Template: Sendable {
    indirect enum Piece: Equatable, Sendable {
        case text([UInt8])
        /// `$0` to `$9`
        case field(Int)
        /// An output flag.
        case flag(UInt8)
        case control(Control)
        case mode(Mode)
        /// `$:x` and `$;x`: whether the input flag must be set or clear.
        case test(flag: UInt8, mustBeSet: Bool)
        /// `$|table;argument|`
        case table(name: String, argument: [Piece])
        /// `$[image,routine,argument]`
        case callout(image: String, routine: String, argument: [Piece])
        /// `${key}`
        case database(key: [Piece])
        /// `$]ldap-url[`
        case directory(DirectoryURL)
        /// `$}domain,attribute{`: the attributes whose first value is wanted.
        case domain([Piece], attributes: [String])
        /// `$#file|radix|width|m#`
        case sequence(SequenceFormat)
        /// `$?x?`, in millionths.
        case chance(Int)
        /// `$.text.`: the template instead, should a directory not answer; nil for `$..`, none.
        case fallback([Piece]?)
    }

    /// What comes after the entry. The last one in a template counts, and for a piece that fails the last to
    /// its left.
    enum Control: Equatable, Sendable {
        /// `$C`: the next entry.
        case next
        /// `$E`: nothing more. Also where a template says none of the four.
        case end
        /// `$L`: the next entry, and after the last one more pass.
        case nextThenAgain
        /// `$R`: the first entry.
        case restart
    }

    /// How text is written from here to the end of the template or the next mode.
    enum Mode: Equatable, Sendable {
        /// `$_`
        case plain
        /// `$\`
        case lower
        /// `$^`
        case upper
        /// `$=`: substituted text is quoted for a search filter (RFC 4515 §3).
        case filter
    }

    let pieces: [Piece]
    /// The same, where it only writes.
    let straight: StraightTemplate?

    init(pieces: [Piece]) {
        self.pieces = pieces
        straight = StraightTemplate(pieces)
    }
}

extension Template.Mode {
    /// Writes `text` in this mode. ASCII letters alone have cases here, as in comparisons.
    func write(_ text: some Sequence<UInt8>, isSubstituted: Bool, to output: inout [UInt8]) {
        switch self {
        case .plain: output.append(contentsOf: text)
        case .lower: output.append(contentsOf: text.lazy.map(\.asciiLowercased))
        case .upper: output.append(contentsOf: text.lazy.map(\.asciiUppercased))
        case .filter:
            if isSubstituted {
                DirectoryQuoting.filter.write(text, to: &output)
            } else {
                output.append(contentsOf: text)
            }
        }
    }
}

/// Text on its way into a template.
package enum TemplateText {
    /// `text` written so that a template yields exactly it: dollars, spaces and tabs quoted.
    ///
    /// What a callout answers is template text. Whatever strangers had a hand in, such as the text of a DNS
    /// record, must pass through here, or it could set flags.
    package static func quoting(_ text: String) -> String {
        var quoted: [UInt8] = []
        for octet in text.utf8 {
            if octet == UInt8(ascii: "$") || octet.isColumnSpace { quoted.append(UInt8(ascii: "$")) }
            quoted.append(octet)
        }
        return String(decoding: quoted, as: UTF8.self)
    }
}
