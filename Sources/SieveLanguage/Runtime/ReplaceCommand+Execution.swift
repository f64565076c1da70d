// SPDX-License-Identifier: MIT

internal import Mail

extension ReplaceCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let text = try execution.octets(of: replacement)
        if isMIME, !VacationCommand.isEntity(text) {
            throw .fault("under :mime the replacement must be a MIME entity, and this is none")
        }
        let entity = isMIME ? Entity.lines(text) : Entity.plain(text)
        if let part = execution.currentPart,
            part.headerRange.lowerBound != execution.tree().root.headerRange.lowerBound
        {
            return execution.replace(part, with: entity)
        }
        // The whole content: its own fields go, and those given are the message's (§5).
        let subject = try subject.map { phrase throws(Interruption) in try execution.octets(of: phrase) }
        let from = try from.map { phrase throws(Interruption) in try execution.octets(of: phrase) }
        var header = execution.header
        if let subject {
            header.remove(header.indices(named: "subject"))
            header.add(name: "Subject", body: subject, atEnd: true)
        }
        if let from {
            header.remove(header.indices(named: "from"))
            header.add(name: "From", body: from, atEnd: true)
        }
        execution.exchangeHeader(header)
        execution.replaceContent(with: entity)
    }
}

extension EncloseCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let text = try execution.octets(of: text)
        let subject = try subject.map { phrase throws(Interruption) in try execution.octets(of: phrase) }
        var names: [String] = []
        for name in try execution.texts(headers) {
            guard Compiler.isFieldName(name) else {
                throw .fault("no header field can be named \(MistakeList.quoted(name))")
            }
            names.append(String(decoding: name, as: UTF8.self))
        }
        guard execution.enclosures.count < execution.limits.enclosuresMax else {
            throw .fault("the message is enclosed more than \(execution.limits.enclosuresMax) times")
        }
        execution.enclosures.append(Enclosure(text: text, subject: subject, names: names))
    }
}

/// What an `enclose` puts around the message.
struct Enclosure: Sendable {
    var text: [UInt8]
    var subject: [UInt8]?
    /// Fields to copy, beside those that every message needs.
    var names: [String]
}

/// MIME entities of our own (RFC 2045), with CRLF line ends.
enum Entity {
    static func plain(_ text: [UInt8]) -> [UInt8] {
        var entity = Array("Content-Type: text/plain; charset=utf-8\r\n".utf8)
        let body = lines(text)
        let isPlain = body.allSatisfy { $0 < 0x80 && $0 != 0 } && !hasLongLine(body)
        if isPlain { return entity + Array("\r\n".utf8) + body }
        entity += Array("Content-Transfer-Encoding: base64\r\n\r\n".utf8)
        var encoded: [UInt8] = []
        Base64.append(body, to: &encoded)
        var index = 0
        while index < encoded.count {
            let end = min(index + 76, encoded.count)
            entity += encoded[index..<end]
            entity += [0x0D, 0x0A]
            index = end
        }
        return entity
    }

    /// With every line end a CRLF.
    static func lines(_ text: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(text.count + 16)
        var isAfterCR = false
        for octet in text {
            if octet == 0x0A, !isAfterCR { lines.append(0x0D) }
            if isAfterCR, octet != 0x0A { lines.append(0x0A) }
            lines.append(octet)
            isAfterCR = octet == 0x0D
        }
        if isAfterCR { lines.append(0x0A) }
        return lines
    }

    /// RFC 5321 §4.5.3.1.6: 998 octets and the line end.
    private static func hasLongLine(_ body: [UInt8]) -> Bool {
        body.split(separator: 0x0A, omittingEmptySubsequences: false).contains { $0.count > 998 }
    }

    /// A boundary that no line of these begins with. Nothing but the content chooses it, so that the same
    /// message is made the same way again.
    static func boundary(_ contents: [[UInt8]]) -> [UInt8] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for content in contents {
            for octet in content { hash = (hash ^ UInt64(octet)) &* 0x0100_0000_01B3 }
        }
        return Array("=_\(String(hash, radix: 16))_enclosed".utf8)
    }

    /// Boundaries that are tried: a message with the first in it was made by chance or by somebody who could
    /// foresee it, and with the second by nobody.
    private static let boundariesMax = 8

    /// A boundary made of `contents` that begins no line of them, nor of `range` of `bytes`.
    static func boundary(
        _ contents: [[UInt8]], beyond range: Range<Int>, of bytes: MessageBytes
    ) -> [UInt8] {
        var chosen = boundary(contents)
        for _ in 1..<boundariesMax where bytes.hasLine(beginning: Array("--".utf8) + chosen, in: range) {
            chosen = boundary(contents + [chosen])
        }
        return chosen
    }
}
