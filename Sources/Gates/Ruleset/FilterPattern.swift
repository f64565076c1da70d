// SPDX-License-Identifier: MIT

internal import Mail

/// Text with places for what is known of a recipient: what stands in a filter URL behind its scheme.
///
/// Places are those of Sun's filter URLs: `$A` the address, `$L` its local part, `$U` the local part without
/// its detail, `$S` the detail, `$D` the domain, `$H` the domain's first label, `$M` the uid in the
/// directory, `$I` the hosted domain in that uid. `$\`, `$^` and `$_` turn what follows to lower case, to
/// upper case and back; `$$` is a dollar sign. `$S` and `$I` make the URL lead nowhere where there is none;
/// `$1S` stands for nothing then, `$2S` takes the character before it along, `$3S` the one behind it.
package struct FilterPattern: Codable, Hashable, Sendable {
    enum Value: String, Codable, Hashable, Sendable {
        case address = "A"
        case localPart = "L"
        case user = "U"
        case detail = "S"
        case domain = "D"
        case host = "H"
        case uid = "M"
        case hostedDomain = "I"
    }

    enum Absence: Int, Codable, Hashable, Sendable {
        case fails = 0
        case nothing, takesPrevious, takesNext
    }

    enum Folding: String, Codable, Hashable, Sendable { case none, lower, upper }

    enum Piece: Codable, Hashable, Sendable {
        case text(String)
        case value(Value, Absence, Folding)
    }

    /// What is known of a recipient.
    struct Person: Sendable {
        var values: [Value: String]

        init(_ mailbox: Mailbox, detail: String?, uid: String?, uidSeparator: String) {
            let domain = mailbox.domain
            let user =
                detail.map { String(mailbox.localPart.dropLast($0.count + 1)) } ?? mailbox.localPart
            values = [
                .address: mailbox.address, .localPart: mailbox.localPart, .user: user, .domain: domain,
                .host: String(domain.prefix { $0 != "." }),
            ]
            values[.detail] = detail
            guard let uid else { return }
            guard !uidSeparator.isEmpty, let mark = uid.firstRange(of: uidSeparator) else {
                values[.uid] = uid
                return
            }
            values[.uid] = String(uid[..<mark.lowerBound])
            values[.hostedDomain] = String(uid[mark.upperBound...])
        }
    }

    /// Where a value stands: how it is quoted, and what it may not hold.
    enum Quoting: Sendable { case fileName, script, directoryName, directoryFilter }

    enum Expansion: Hashable, Sendable {
        case text(String)
        /// It leads nowhere for this recipient.
        case absent(String)
        /// A value can't stand where it would.
        case refused(String)
    }

    var pieces: [Piece]

    var isConstant: Bool { pieces.allSatisfy { if case .text = $0 { true } else { false } } }
    /// Whether it needs what only the directory knows.
    var needsUID: Bool {
        pieces.contains { piece in
            if case .value(let value, _, _) = piece { value == .uid || value == .hostedDomain } else { false }
        }
    }
}

// MARK: Reading

extension FilterPattern {
    package struct Mistake: Error, Hashable, Sendable {
        package let message: String
        package let help: String
    }

    private static let known = "$A, $D, $H, $I, $L, $M, $S, $U, $$, $\\, $^ and $_"

    /// `text` with its places. `$~` is the caller's.
    static func parse(_ text: Substring) throws(Mistake) -> FilterPattern {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        var folding = Folding.none
        var rest = text.utf8
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "$") else {
                literal.append(folded(octet, folding))
                continue
            }
            guard let letter = rest.popFirst() else {
                throw Mistake(message: "it ends in a dollar sign", help: "write $$ for one")
            }
            switch letter {
            case UInt8(ascii: "$"): literal.append(letter)
            case UInt8(ascii: "\\"): folding = .lower
            case UInt8(ascii: "^"): folding = .upper
            case UInt8(ascii: "_"): folding = .none
            default:
                let (value, absence) = try self.value(letter, &rest)
                if !literal.isEmpty { pieces.append(.text(String(decoding: literal, as: UTF8.self))) }
                literal = []
                pieces.append(.value(value, absence, folding))
            }
        }
        if !literal.isEmpty { pieces.append(.text(String(decoding: literal, as: UTF8.self))) }
        return FilterPattern(pieces: pieces)
    }

    private static func value(
        _ first: UInt8, _ rest: inout Substring.UTF8View
    ) throws(Mistake) -> (Value, Absence) {
        var letter = first
        var absence = Absence.fails
        if (0x30...0x39).contains(first) {
            guard let way = Absence(rawValue: Int(first) - 0x30), let next = rest.popFirst() else {
                throw Mistake(
                    message: "there is no $\(Character(Unicode.Scalar(first)))", help: "places are \(known)")
            }
            absence = way
            letter = next
        }
        let name = String(decoding: [letter], as: UTF8.self).uppercased()
        if letter == UInt8(ascii: "~") {
            throw Mistake(
                message: "$~ stands elsewhere than at the beginning of a file's path",
                help: "write file:$~/NAME.sieve")
        }
        guard let value = Value(rawValue: name) else {
            throw Mistake(
                message: ["E", "F", "G", "P"].contains(name)
                    ? "$\(name) stands for what only a mail store knows" : "there is no $\(name)",
                help: "places are \(known)")
        }
        guard absence == .fails || value == .detail || value == .hostedDomain else {
            throw Mistake(
                message: "$\(absence.rawValue)\(name) makes no sense: there always is one, or the URL fails",
                help: "write $\(name)")
        }
        return (value, absence)
    }

    private static func folded(_ octet: UInt8, _ folding: Folding) -> UInt8 {
        switch folding {
        case .lower where (0x41...0x5A).contains(octet): octet + 0x20
        case .upper where (0x61...0x7A).contains(octet): octet - 0x20
        default: octet
        }
    }
}

// MARK: Filling in

extension FilterPattern {
    func expand(_ person: Person, _ quoting: Quoting) -> Expansion {
        var text: [UInt8] = []
        var skips = false
        for piece in pieces {
            switch piece {
            case .text(let literal):
                // A value's last octet and the script's next must not make a reference between them.
                if quoting == .script, text.last == UInt8(ascii: "$"), literal.utf8.first == UInt8(ascii: "{")
                {
                    return .refused("a value ends in a dollar sign, which can't stand before a brace")
                }
                text += skips ? Array(String(literal.dropFirst()).utf8) : Array(literal.utf8)
                skips = false
            case .value(let value, let absence, let folding):
                if let found = person.values[value] {
                    let makesReference =
                        quoting == .script && text.last == UInt8(ascii: "$")
                        && found.utf8.first == UInt8(ascii: "{")
                    guard !makesReference, let quoted = Self.quoted(found, quoting) else {
                        return .refused(
                            "$\(value.rawValue) is \"\(PlainText.excerpt(found))\", which can't stand there")
                    }
                    text += quoted.utf8.map { Self.folded($0, folding) }
                    skips = false
                    continue
                }
                switch absence {
                case .fails: return .absent("there is no $\(value.rawValue)")
                case .nothing: break
                // A place stands in ASCII, but what is before it may not.
                case .takesPrevious: text = Array(String(decoding: text, as: UTF8.self).dropLast().utf8)
                case .takesNext: skips = true
                }
            }
        }
        return .text(String(decoding: text, as: UTF8.self))
    }

    /// Nil where `value` can't stand there.
    private static func quoted(_ value: String, _ quoting: Quoting) -> String? {
        guard !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        switch quoting {
        // It may be a part of a name; the whole path is looked at afterwards.
        case .fileName: return value.utf8.contains(UInt8(ascii: "/")) ? nil : value
        // It would stand for something else in a script that requires variables.
        case .script: return value.contains("${") ? nil : FilterQuoting.script(value)
        case .directoryName: return FilterQuoting.directoryName(value)
        case .directoryFilter: return FilterQuoting.directoryFilter(value)
        }
    }
}
