// SPDX-License-Identifier: MIT
internal import Mail

// The sequences that look something up, or ask.

extension TemplateCompiler {
    /// `${key}`
    mutating func database(from start: Int) -> Template.Piece? {
        guard let key = argument(from: start, until: UInt8(ascii: "}"), named: "key of a database") else {
            return nil
        }
        guard !key.isEmpty else {
            faults.append(
                Fault(start..<position, "the look-up names no key", help: "write ${key}, as in ${BLOCK|$0}"))
            return nil
        }
        guard context.general != nil else {
            faults.append(
                Fault(
                    start..<position, "there is no database \(Dialect.generalDatabase) to look into",
                    help: "name its file in postern.toml: [database.\(Dialect.generalDatabase)]"
                        + " file = \"general.txt\""))
            return nil
        }
        return .database(key: key)
    }

    /// `$]ldap-url[`
    mutating func directory(from start: Int) -> Template.Piece? {
        guard let url = argument(from: start, until: UInt8(ascii: "["), named: "LDAP URL") else {
            return nil
        }
        do throws(DirectoryURL.Mistake) {
            return .directory(try DirectoryURL.parse(url, directories: context.directories))
        } catch {
            faults.append(Fault(start..<position, error.text, help: error.help))
            return nil
        }
    }

    /// `$}domain,attribute{`
    mutating func domain(from start: Int) -> Template.Piece? {
        guard let pieces = argument(from: start, until: UInt8(ascii: "{"), named: "domain") else {
            return nil
        }
        let example = "write $}domain,attribute{, as in $}$1,mailDomainStatus{"
        var domain = pieces
        guard case .text(let tail)? = domain.popLast(), let comma = tail.lastIndex(of: UInt8(ascii: ",")),
            comma > 0 || !domain.isEmpty
        else {
            faults.append(
                Fault(start..<position, "the look-up does not name domain and attribute", help: example))
            return nil
        }
        if comma > 0 { domain.append(.text(Array(tail[..<comma]))) }
        let name = String(decoding: tail[(comma + 1)...], as: UTF8.self)
        guard let attributes = Dialect.domainAttributes(name),
            attributes != [name] || DirectoryURL.isAttribute(name)
        else {
            faults.append(
                Fault(
                    start..<position, "\"\(name)\" is no attribute of a domain",
                    help: "write the name of an LDAP attribute, or one of "
                        + Dialect.domainPseudoAttributes.joined(separator: " ")))
            return nil
        }
        if let known = context.directories, known[Dialect.defaultDirectory] == nil {
            faults.append(
                Fault(
                    start..<position, "there is no directory named \(Dialect.defaultDirectory)",
                    help: "name it in postern.toml: [directory.\(Dialect.defaultDirectory)] with its servers")
            )
            return nil
        }
        return .domain(domain, attributes: attributes)
    }

    /// `$#file|radix|width|m#`
    mutating func number(from start: Int) -> Template.Piece? {
        guard let pieces = argument(from: start, until: UInt8(ascii: "#"), named: "sequence") else {
            return nil
        }
        let help = "write $#name#, $#name|radix#, $#name|radix|width# or $#name|radix|width|modulus#"
        var text: [UInt8] = []
        for piece in pieces {
            guard case .text(let octets) = piece else {
                faults.append(
                    Fault(
                        start..<position, "a sequence's name can't come from a field or change its case",
                        help: help))
                return nil
            }
            text += octets
        }
        do throws(SequenceFormat.Mistake) {
            return .sequence(try SequenceFormat.parse(text))
        } catch {
            faults.append(Fault(start..<position, error.text, help: help))
            return nil
        }
    }

    /// `$?x?`
    mutating func chance(from start: Int) -> Template.Piece? {
        let first = position
        skipPast(UInt8(ascii: "?"))
        let isClosed = text[position - 1] == UInt8(ascii: "?") && position > first
        guard isClosed, let millionths = Self.millionths(ofPercent: text[first..<(position - 1)]) else {
            faults.append(
                Fault(
                    start..<position, "this is no percentage from 0 to 100",
                    help: "write $?x?, as in $?12.5?, for an entry that succeeds in 12.5 of 100 cases"))
            return nil
        }
        if millionths == 0, text[first..<(position - 1)].contains(where: { (0x31...0x39).contains($0) }) {
            faults.append(
                Fault(
                    start..<position, "this percentage is less than one in a million, and never comes true",
                    help: "write at least $?0.0001?", severity: .warning))
        }
        return .chance(millionths)
    }

    /// Digits, and perhaps a dot and more digits; the fifth and later places are too fine to count.
    private static func millionths(ofPercent text: ArraySlice<UInt8>) -> Int? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.contains(where: { !$0.isEmpty }),
            parts.allSatisfy({ $0.allSatisfy(\.isASCIIDigit) })
        else { return nil }
        let whole = parts[0].isEmpty ? 0 : Int(String(decoding: parts[0], as: UTF8.self))
        guard let whole, whole <= 100 else { return nil }
        var millionths = whole
        let places = parts.count > 1 ? Array(parts[1].prefix(4)) : []
        for place in 0..<4 {
            millionths = millionths * 10 + (place < places.count ? Int(places[place] - 0x30) : 0)
        }
        return millionths <= 1_000_000 ? millionths : nil
    }

    /// `$.text.`, and `$..` for none.
    mutating func fallback(from start: Int) -> Template.Piece? {
        let pieces = pieces(until: UInt8(ascii: "."), in: .fallback)
        guard position < text.count else {
            faults.append(
                Fault(
                    start..<text.count, "the text for failures that begins here has no end",
                    help: "close it with a dot, as in $.$X4$.4$.3|$NTry$ later.; a dot inside it is \"$.\""))
            return nil
        }
        position += 1
        return .fallback(pieces.isEmpty ? nil : pieces)
    }

    /// The argument up to `close`, which is taken too; nil, with a fault, where it has no end.
    private mutating func argument(
        from start: Int, until close: UInt8, named name: String
    ) -> [Template.Piece]? {
        let before = faults.count
        let pieces = pieces(until: close, in: .argument)
        guard position < text.count else {
            faults.append(
                Fault(
                    start..<text.count, "the \(name) that begins here has no end",
                    help: "close it with \(Unicode.Scalar(close)); a space inside it is written \"$ \""))
            return nil
        }
        position += 1
        return faults.count == before || !faults[before...].contains { $0.severity == .error }
            ? pieces : nil
    }
}
