// SPDX-License-Identifier: MIT
internal import Mail

/// The head of a store file: lines that `less` shows, a blank line, and then the message as its recipients
/// get it.
///
///     postern-entry: 1
///     reason: ...                padded with spaces to a fixed length, so that it can be changed in place
///     id: 65f0c1a300001-1000.0
///     case: ...   arrived: ...   since: ...   from: ...   eight-bit: yes|no   channel: ...
///     attempts: 1   next-attempt: ...
///     recipient: a@example.org   or   recipient-done: b@example.org
///     note: ...   split-from: 0 (where another entry's recipients were split off)
///     notify: SUCCESS,FAILURE   ret: FULL   envelope-id: ...   deliver-by: 1700000000 notify|return [trace]
///     original-recipient: 0 rfc822;... (of the first recipient)   conversion-tag: ...   (in format 2 only)
///     message-octets: ...   message-crc32c: ...   head-crc32c: ...
///
/// Octets that are not printable ASCII, and backslashes, are written as `\xHH`. The head's checksum is over
/// all lines above it but the reason.
struct StoreHead: Hashable {
    var id: EntryID
    var caseID: String
    var reason: String
    var arrived: Int64
    var since: Int64
    var sender: Address?
    var isEightBit: Bool
    var channel: String
    var attempts: Int
    var nextAttempt: Int64
    var recipients: [Address]
    /// Numbers of recipients to whom nothing is owed any more.
    var doneRecipients: [Int]
    var note: [UInt8]
    /// The number of the entry that this one was split off from.
    var splitFrom: Int?
    var messageOctets: Int
    var messageChecksum: UInt32
    var options = DeliveryOptions()

    private static let firstLine = "postern-entry: 1\n"
    /// Of a head with options, which earlier readers would take for damage. As long as the other.
    private static let firstLineWithOptions = "postern-entry: 2\n"
    private static let reasonKey = "reason: "

    /// The line with `reason`, of the same length for every reason; cut where it is too long.
    static func reasonLine(_ reason: String, octetsMax: Int) -> [UInt8] {
        var line = Array(reasonKey.utf8)
        var escaped: [UInt8] = []
        for byte in reason.utf8 {
            let next = escape(byte)
            if escaped.count + next.count > octetsMax { break }
            escaped += next
        }
        line += escaped
        line += Array(repeating: UInt8(ascii: " "), count: octetsMax - escaped.count)
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// Where the reason's line stands.
    static var reasonOffset: Int { firstLine.utf8.count }

    /// All of it, the blank line included.
    func encode(reasonOctetsMax: Int) -> [UInt8] {
        var lines = ""
        func put(_ key: String, _ value: String) { lines += "\(key): \(value)\n" }
        put("id", id.description)
        put("case", Self.escaped(caseID.utf8))
        put("arrived", String(arrived))
        put("since", String(since))
        put("from", sender.map(Self.text) ?? "<>")
        put("eight-bit", isEightBit ? "yes" : "no")
        put("channel", Self.escaped(channel.utf8))
        put("attempts", String(attempts))
        put("next-attempt", String(nextAttempt))
        let done = Set(doneRecipients)
        for (number, recipient) in recipients.enumerated() {
            put(done.contains(number) ? "recipient-done" : "recipient", Self.text(recipient))
        }
        put("note", Self.escaped(note))
        if let splitFrom { put("split-from", String(splitFrom)) }
        for (key, value) in optionLines { put(key, value) }
        put("message-octets", String(messageOctets))
        put("message-crc32c", String(messageChecksum, radix: 16))
        let summed = Array(lines.utf8)
        let first = Array((options.isEmpty ? Self.firstLine : Self.firstLineWithOptions).utf8)
        return first + Self.reasonLine(reason, octetsMax: reasonOctetsMax) + summed
            + Array("head-crc32c: \(String(Self.sum(first, summed), radix: 16))\n\n".utf8)
    }

    private var optionLines: [(key: String, value: String)] {
        var lines: [(key: String, value: String)] = []
        if !options.notify.isEmpty { lines.append(("notify", options.notify.text)) }
        if let ret = options.ret { lines.append(("ret", ret.rawValue)) }
        if let id = options.envelopeID { lines.append(("envelope-id", Self.escaped(id.utf8))) }
        if let by = options.deliverBy {
            lines.append(
                ("deliver-by", "\(by.deadline) \(by.mode.rawValue)\(by.isTraced ? " trace" : "")"))
        }
        for original in options.originalRecipients {
            guard let number = recipients.firstIndex(of: original.recipient) else { continue }
            lines.append(("original-recipient", "\(number) \(Self.escaped(original.text.utf8))"))
        }
        return lines + options.conversionTags.map { ("conversion-tag", Self.escaped($0.utf8)) }
    }

    private static func sum(_ first: [UInt8], _ rest: [UInt8]) -> UInt32 {
        var sum = Checksum()
        first.withUnsafeBytes { sum.add($0) }
        rest.withUnsafeBytes { sum.add($0) }
        return sum.value
    }

    private static func text(_ address: Address) -> String {
        // The last "@" that stands for itself divides the two; a domain never has one of its own.
        let local = escaped(address.localPart.utf8, at: address.domain.isEmpty)
        return address.domain.isEmpty ? local : "\(local)@\(escaped(address.domain.utf8, at: true))"
    }

    private static func escaped(_ bytes: some Sequence<UInt8>, at: Bool = false) -> String {
        var text: [UInt8] = []
        for byte in bytes { text += byte == UInt8(ascii: "@") && at ? hexadecimal(byte) : escape(byte) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\\") ? [byte] : hexadecimal(byte)
    }

    private static func hexadecimal(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}

extension StoreHead {
    enum Reading {
        /// `length`: octets of the head, which is where the message starts.
        case head(StoreHead, length: Int)
        case unknownVersion(String)
        /// The blank line is not among `bytes`.
        case incomplete
        case damaged(String)
    }

    /// Reads a head at the start of `bytes`.
    static func read(_ bytes: [UInt8]) -> Reading {
        guard let end = blankLine(in: bytes) else { return .incomplete }
        let lines = bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count > 3, let last = lines.last, let sum = value(of: last, "head-crc32c") else {
            return .damaged("its head is none")
        }
        let first = Array(lines[0]) + [UInt8(ascii: "\n")]
        let summed = Array(bytes[lines[2].startIndex..<last.startIndex])
        guard MessageID.hexadecimal(sum) == UInt64(Self.sum(first, summed)) else {
            return .damaged("its head's checksum is wrong")
        }
        guard first == Array(firstLine.utf8) || first == Array(firstLineWithOptions.utf8) else {
            return .unknownVersion(String(decoding: lines[0].prefix(80), as: UTF8.self))
        }
        var head = StoreHead.blank
        if let text = value(of: lines[1], "reason") {
            head.reason = unescaped(trimmed(text)) ?? ""
        }
        for line in lines[2..<(lines.count - 1)] {
            if let objection = head.take(line) { return .damaged(objection) }
        }
        guard !head.recipients.isEmpty else { return .damaged("it names no recipient") }
        return .head(head, length: end + 2)
    }

    private static var blank: StoreHead {
        StoreHead(
            id: EntryID(message: MessageID(generation: 0, offset: 0), index: 0), caseID: "", reason: "",
            arrived: 0,
            since: 0, sender: nil, isEightBit: false, channel: "", attempts: 0, nextAttempt: 0,
            recipients: [],
            doneRecipients: [], note: [], splitFrom: nil, messageOctets: 0, messageChecksum: 0)
    }

    /// What is wrong with the line, or nil.
    private mutating func take(_ line: ArraySlice<UInt8>) -> String? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon + 2 <= line.endIndex else {
            return "a line of its head has no key"
        }
        let key = String(decoding: line[..<colon], as: UTF8.self)
        let raw = line[(colon + 2)...]
        guard let text = Self.unescaped(raw) else { return "\"\(key)\" is escaped wrongly" }
        switch key {
        case "id":
            guard let id = EntryID(text) else { return "its id is none" }
            self.id = id
        case "case": caseID = text
        case "from": sender = text == "<>" ? nil : Self.address(raw)
        case "eight-bit": isEightBit = text == "yes"
        case "channel": channel = text
        case "recipient": recipients.append(Self.address(raw))
        case "recipient-done":
            doneRecipients.append(recipients.count)
            recipients.append(Self.address(raw))
        case "note": note = Self.unescapedBytes(raw) ?? []
        case "message-crc32c":
            guard let sum = MessageID.hexadecimal(raw).flatMap(UInt32.init(exactly:)) else {
                return "its message's checksum is none"
            }
            messageChecksum = sum
        case "arrived", "since", "attempts", "next-attempt", "split-from", "message-octets":
            guard let number = Int64(text) else { return "\"\(key)\" is no number" }
            return take(key, number)
        default: return takeOption(key, text)
        }
        return nil
    }

    private mutating func takeOption(_ key: String, _ text: String) -> String? {
        switch key {
        case "notify":
            guard let notify = DeliveryOptions.Notify(text) else { return "\"notify\" is none" }
            options.notify = notify
        case "ret":
            guard let ret = DeliveryOptions.Return(rawValue: text) else { return "\"ret\" is none" }
            options.ret = ret
        case "envelope-id": options.envelopeID = text
        case "deliver-by":
            let words = text.split(separator: " ").map(String.init)
            guard words.count == 2 || (words.count == 3 && words[2] == "trace"),
                let deadline = Int64(words[0]), let mode = DeliveryOptions.DeliverBy.Mode(rawValue: words[1])
            else { return "\"deliver-by\" is none" }
            options.deliverBy = .init(deadline: deadline, mode: mode, isTraced: words.count == 3)
        case "original-recipient":
            // Recipients stand before it.
            let words = text.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
            guard words.count == 2, let number = Int(String(decoding: words[0], as: UTF8.self)),
                recipients.indices.contains(number)
            else { return "\"original-recipient\" is none" }
            options.originalRecipients.append(
                .init(recipient: recipients[number], text: String(decoding: words[1], as: UTF8.self)))
        case "conversion-tag": options.conversionTags.append(text)
        default: return "\"\(key)\" is no key of it"
        }
        return nil
    }

    private mutating func take(_ key: String, _ number: Int64) -> String? {
        switch key {
        case "arrived": arrived = number
        case "since": since = number
        case "next-attempt": nextAttempt = number
        case "attempts":
            guard (0...Int64(Int32.max)).contains(number) else { return "\"attempts\" is out of range" }
            attempts = Int(number)
        case "split-from":
            guard (0..<1_000_000).contains(number) else { return "\"split-from\" is out of range" }
            splitFrom = Int(number)
        default:
            guard (0...Int64(Int32.max) << 8).contains(number) else { return "\"\(key)\" is out of range" }
            messageOctets = Int(number)
        }
        return nil
    }

    private static func blankLine(in bytes: [UInt8]) -> Int? {
        var at = bytes.startIndex
        while let newline = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) {
            guard newline + 1 < bytes.count else { return nil }
            if bytes[newline + 1] == UInt8(ascii: "\n") { return newline }
            at = newline + 1
        }
        return nil
    }

    private static func value(of line: ArraySlice<UInt8>, _ key: String) -> ArraySlice<UInt8>? {
        let start = Array("\(key): ".utf8)
        return line.starts(with: start) ? line.dropFirst(start.count) : nil
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while text.last == UInt8(ascii: " ") { text.removeLast() }
        return text
    }

    private static func address(_ raw: ArraySlice<UInt8>) -> Address {
        let at = raw.lastIndex(of: UInt8(ascii: "@"))
        let local = at.map { raw[..<$0] } ?? raw
        let domain = at.map { raw[($0 + 1)...] } ?? []
        return Address(localPart: unescaped(local) ?? "", domain: unescaped(domain) ?? "")
    }

    private static func unescaped(_ raw: ArraySlice<UInt8>) -> String? {
        unescapedBytes(raw).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func unescapedBytes(_ raw: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var at = raw.startIndex
        while at < raw.endIndex {
            guard raw[at] == UInt8(ascii: "\\") else {
                bytes.append(raw[at])
                at += 1
                continue
            }
            guard at + 3 < raw.endIndex, raw[at + 1] == UInt8(ascii: "x"), let high = digit(raw[at + 2]),
                let low = digit(raw[at + 3])
            else { return nil }
            bytes.append(high << 4 | low)
            at += 4
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
