// SPDX-License-Identifier: MIT

internal import Mail

extension AddtagCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.addtag(try execution.text(of: text)))
    }
}

extension AddprefixCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.addprefix(try execution.text(of: text)))
    }
}

extension RefuseCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.refuse(reason: try execution.text(of: text)))
    }
}

extension SpamadjustCommand {
    /// Tests that follow see the new score.
    func perform(_ execution: inout Execution) throws(Interruption) {
        let adjustment = try execution.text(of: text)
        guard let finding = try execution.spamFinding().adjusted(by: adjustment) else {
            throw .fault("spamadjust takes a number such as \"+2\", not \(MistakeList.quoted(adjustment))")
        }
        try execution.take(.spamadjust(adjustment))
        execution.knownSpam = finding
    }
}

extension VirussetCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let text = try execution.text(of: text)
        guard let level = Int(text), (0...5).contains(level) else {
            throw .fault("virusset takes a level from 0 to 5, not \(MistakeList.quoted(text))")
        }
        var finding = try execution.spamFinding()
        finding.virusLevel = level
        try execution.take(.virusset(level))
        execution.knownSpam = finding
    }
}

extension TransactionlogCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.transactionlog(try execution.text(of: text)))
    }
}

extension DebugLogCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.transactionlog(try execution.text(of: text)))
    }
}

extension NovacationCommand {
    func perform(_ execution: inout Execution) throws(Interruption) { try execution.take(.novacation) }
}

extension NonotifyCommand {
    func perform(_ execution: inout Execution) throws(Interruption) { try execution.take(.nonotify) }
}

extension AddconversiontagCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.addconversiontag(try execution.conversionTags(tags)))
    }
}

extension SetconversiontagCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.setconversiontag(try execution.conversionTags(tags)))
    }
}

extension SetenvelopefromCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let text = try execution.octets(of: address)
        guard !text.isEmpty else { return try execution.take(.setenvelopefrom("")) }
        guard let address = RedirectCommand.address(text) else {
            throw .fault("\(MistakeList.quoted(text)) is not an address that mail can come from")
        }
        try execution.take(.setenvelopefrom(address.description))
    }
}

extension CaptureCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let text = try execution.octets(of: address)
        guard let address = RedirectCommand.address(text) else {
            throw .fault("\(MistakeList.quoted(text)) is not an address that mail can be sent to")
        }
        try execution.take(.capture(address: address.description, withEnvelope: withEnvelope))
    }
}

extension Execution {
    /// A tag has no blank, comma, bar or control character: tags stand in lists and in probes.
    fileprivate func conversionTags(_ phrases: [Phrase]) throws(Interruption) -> [String] {
        var tags: [String] = []
        for text in try texts(phrases) {
            guard !text.isEmpty,
                text.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2C && $0 != UInt8(ascii: "|") })
            else { throw .fault("\(MistakeList.quoted(text)) is no conversion tag") }
            tags.append(String(decoding: text, as: UTF8.self))
        }
        return tags
    }
}

extension SpamFinding {
    /// `+n` and `-n` add to the score, `n` sets it; the score goes from 0 to 10. Nil for anything else.
    package func adjusted(by text: String) -> SpamFinding? {
        guard let number = Double(text), number.isFinite else { return nil }
        let isRelative = text.utf8.first == UInt8(ascii: "+") || text.utf8.first == UInt8(ascii: "-")
        let present = percent.map { $0 * 9 / 100 + 1 } ?? 1
        let score = min(10, max(0, isRelative ? present + number : number))
        var finding = self
        finding.percent = score < 1 ? (score <= 0 ? nil : 0) : (score - 1) * 100 / 9
        return finding
    }
}
