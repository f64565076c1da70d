// SPDX-License-Identifier: MIT

internal import Mail

/// A `mailto:` URI (RFC 6068) as a notification method (RFC 5436): the one method there is here.
struct MailtoMethod: Sendable, Hashable {
    /// Those of the URI itself and of its `to` fields, and those of its `cc` fields; none stands twice.
    private(set) var to: [Recipient] = []
    private(set) var cc: [Recipient] = []
    private(set) var subject: String?
    private(set) var body: String?
    /// Other fields that the URI may set, in its order.
    private(set) var fields: [Field] = []

    struct Field: Sendable, Hashable {
        var name: String
        var value: String
    }

    struct Recipient: Sendable, Hashable {
        /// For people; empty where the URI gives none.
        var display: String
        var address: Address

        /// As a header field names it.
        var text: [UInt8] {
            let bracketed = Array("<\(address)>".utf8)
            return display.isEmpty ? bracketed : FieldText.phrase(display) + [0x20] + bracketed
        }
    }

    /// At least one, each once.
    var recipients: [Address] { (to + cc).map(\.address) }

    struct Problem: Error, Sendable {
        var text: String
        var help: String
    }

    /// Recipients of one notification; it is for its owner and a few others.
    private static let recipientsMax = 8
    /// Fields of one URI.
    private static let fieldsMax = 16
    /// Fields that a URI may not set (RFC 5436 §2.7, RFC 6068 §4): those of the envelope, of tracing, and of
    /// MIME.
    private static let refused: Set<String> = [
        "auto-submitted", "bcc", "date", "from", "message-id", "received", "return-path", "sender",
        "mime-version", "resent-to", "resent-from",
    ]

    static func read(_ uri: [UInt8]) -> Result<MailtoMethod, Problem> {
        guard let text = String(validating: uri, as: UTF8.self), text.lowercased().hasPrefix("mailto:") else {
            return .failure(
                Problem(
                    text: "\(MistakeList.quoted(uri)) is no notification method that this server has",
                    help: "methods are mailto: URIs, such as \"mailto:ann@example.org\""))
        }
        var method = MailtoMethod()
        let rest = Array(text.utf8.dropFirst(7))
        let question = rest.firstIndex(of: UInt8(ascii: "?"))
        do throws(Problem) {
            try method.add(recipients: rest[..<(question ?? rest.count)], isCopy: false)
            if let question { try method.read(query: rest[(question + 1)...]) }
        } catch {
            return .failure(error)
        }
        guard !method.recipients.isEmpty else {
            return .failure(
                Problem(text: "the mailto: URI names nobody", help: "write mailto:ann@example.org"))
        }
        return .success(method)
    }

    /// A list of addresses, once its percent sequences are read (RFC 6068 §2); a comma that belongs to one of
    /// them stands in quotes even then.
    private mutating func add(recipients list: ArraySlice<UInt8>, isCopy: Bool) throws(Problem) {
        guard !list.isEmpty else { return }
        let octets = try Self.decoded(list)
        guard let mailboxes = RedirectCommand.mailboxes(octets) else {
            throw Problem(
                text: "\(MistakeList.quoted(octets)) in the mailto: URI is no address",
                help: "write addresses with commas between them")
        }
        for (display, address) in mailboxes where !recipients.contains(address) {
            let recipient = Recipient(display: display, address: address)
            if isCopy { cc.append(recipient) } else { to.append(recipient) }
        }
        guard recipients.count <= Self.recipientsMax else {
            throw Problem(
                text: "the mailto: URI names more than \(Self.recipientsMax) recipients",
                help: "send it to a list's address")
        }
    }

    private mutating func read(query: ArraySlice<UInt8>) throws(Problem) {
        let items = query.split(separator: UInt8(ascii: "&"))
        guard items.count <= Self.fieldsMax else {
            throw Problem(
                text: "the mailto: URI sets more than \(Self.fieldsMax) fields", help: "set fewer")
        }
        for item in items {
            guard item.allSatisfy({ Self.isQueryCharacter($0) || $0 == UInt8(ascii: "=") }) else {
                throw Problem(
                    text:
                        "\(MistakeList.quoted(item)) in the mailto: URI has a character to be encoded",
                    help: "write it as % and two hexadecimal digits, or let set :encodeurl do it")
            }
            guard let equals = item.firstIndex(of: UInt8(ascii: "=")) else {
                throw Problem(
                    text: "\(MistakeList.quoted(item)) in the mailto: URI has no \"=\"",
                    help: "write ?subject=text&body=text")
            }
            let name = try Self.decoded(item[..<equals])
            let value = item[(equals + 1)...]
            guard Compiler.isFieldName(name) else {
                throw Problem(
                    text: "\(MistakeList.quoted(name)) in the mailto: URI is no field's name",
                    help: "write ?subject=text&body=text")
            }
            let folded = String(decoding: name, as: UTF8.self).lowercased()
            switch folded {
            case "to", "cc": try add(recipients: value, isCopy: folded == "cc")
            case "subject":
                let text = String(decoding: try Self.decoded(value), as: UTF8.self)
                subject = subject ?? text
            case "body":
                let text = String(decoding: try Self.decoded(value), as: UTF8.self)
                body = body ?? text
            // Ignored, as RFC 6068 §4 allows, rather than refused.
            case let name where Self.refused.contains(name) || name.hasPrefix("content-"): continue
            default:
                fields.append(
                    Field(
                        name: String(decoding: name, as: UTF8.self),
                        value: String(decoding: try Self.decoded(value), as: UTF8.self)))
            }
        }
    }

    /// RFC 6068 §2: letters, digits and some marks; and the slash and question mark that RFC 3986 §3.4 takes.
    private static func isQueryCharacter(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~%!$'()*+,;:@/?".utf8.contains(octet)
        }
    }

    /// RFC 3986 §2.1.
    private static func decoded(_ text: ArraySlice<UInt8>) throws(Problem) -> [UInt8] {
        func digit(_ octet: UInt8) -> UInt8? {
            switch octet {
            case 0x30...0x39: octet - 0x30
            case 0x41...0x46: octet - 0x41 + 10
            case 0x61...0x66: octet - 0x61 + 10
            default: nil
            }
        }
        var octets: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "%") else {
                octets.append(text[index])
                index += 1
                continue
            }
            guard index + 2 < text.endIndex, let high = digit(text[index + 1]),
                let low = digit(text[index + 2])
            else {
                throw Problem(
                    text: "\(MistakeList.quoted(text)) in the mailto: URI has a broken percent sequence",
                    help: "write % and two hexadecimal digits; a percent sign is %25")
            }
            octets.append(high << 4 | low)
            index += 3
        }
        return octets
    }
}
