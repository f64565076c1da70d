// SPDX-License-Identifier: MIT

internal import Mail

extension VacationCommand {
    /// An answer is taken back without an error where RFC 5230 §4.5 and §4.6 allow none: to lists and
    /// machines, to senders that no answer reaches, to those who had one lately, and to mail that didn't name
    /// the recipient.
    func perform(_ execution: inout Execution) throws(Interruption) {
        let settings = execution.subject.settings
        let reason = try execution.text(of: reason)
        if isMIME, !Self.isEntity(Array(reason.utf8)) {
            throw .fault("under :mime the reason must be a MIME entity, and this is none")
        }
        let subject = try subject.map { phrase throws(Interruption) in try execution.text(of: phrase) }
        let from = try from.map { phrase throws(Interruption) in try execution.text(of: phrase) }
        let handle = try handle.map { phrase throws(Interruption) in try execution.octets(of: phrase) }
        if let from, RedirectCommand.address(Array(from.utf8)) == nil {
            throw .fault("\(MistakeList.quoted(from)) is not an address that an answer can come from")
        }
        guard let (sender, owner) = try VacationCheck(addresses: addresses).people(&execution) else {
            return execution.noteUnanswered()
        }
        // A script may name any number of days; what is longer than we remember is cut to that.
        let longest = execution.limits.rememberedSecondsMax
        let wanted = seconds ?? min(days ?? 7, longest / 86_400) * 86_400
        let interval = min(max(wanted, settings.vacationSecondsMin), execution.limits.rememberedSecondsMax)
        // The same answer is the same text, unless a handle says what is the same (§4.2).
        let identity: [[UInt8]] =
            if let handle {
                [Array("handle".utf8), handle]
            } else {
                [
                    Array(reason.utf8), Array((subject ?? "").utf8), Array((from ?? "").utf8),
                    [isMIME ? 1 : 0],
                ]
            }
        let question = MemoryQuestion(
            purpose: .vacation, owner: execution.owner,
            key: MemoryKey.text([Array(sender.description.lowercased().utf8)] + identity))
        switch try execution.answer(to: .memory(question)) {
        case .memory(expires: nil): break
        // Without a memory a second answer could follow the first: none is sent.
        default: return execution.noteUnanswered()
        }
        try execution.take(
            .vacation(
                .init(
                    reason: reason, isMIME: isMIME, subject: subject, from: from, seconds: interval,
                    days: seconds == nil ? days ?? 7 : nil,
                    handle: handle.map { String(decoding: $0, as: UTF8.self) },
                    recipient: sender.description, owner: owner)))
        if interval > 0 { execution.note(.remember(question, seconds: interval)) }
    }
}

/// Whether a message may be answered by a machine (RFC 5230 §4.5, §4.6; RFC 3834 §2).
struct VacationCheck {
    let addresses: [Phrase]

    /// Local parts whose mail comes from machines, with what may stand around them.
    private static let machines = ["MAILER-DAEMON", "LISTSERV", "MAJORDOMO"]

    /// What `X-Auto-Response-Suppress`, Exchange's field, says where it means answers of absence.
    private static let suppressing: Set<String> = ["ALL", "OOF", "AUTOREPLY"]

    /// To whom the answer goes, and which address of the recipient's the message names; nil where none may
    /// go.
    func people(_ execution: inout Execution) throws(Interruption) -> (sender: Address, owner: String?)? {
        guard let sender = execution.subject.sender, !Self.isMachine(sender.localPart) else { return nil }
        for name in [
            "list-id", "list-help", "list-subscribe", "list-unsubscribe", "list-post", "list-owner",
            "list-archive",
        ] {
            if try execution.exists(.phrase(.constant(Array(name.utf8)))) { return nil }
        }
        for value in try execution.values(.phrase(.constant(Array("auto-submitted".utf8)))) {
            if value.folded.prefix(2) != Array("NO".utf8)[...] { return nil }
        }
        for value in try execution.values(.phrase(.constant(Array("precedence".utf8)))) {
            if ["JUNK", "BULK", "LIST"].contains(String(decoding: value.folded, as: UTF8.self)) {
                return nil
            }
        }
        for value in try execution.values(.phrase(.constant(Array("x-auto-response-suppress".utf8)))) {
            let words = value.folded.split { $0 == UInt8(ascii: ",") || $0 == 0x20 || $0 == 0x09 }
            if words.contains(where: { Self.suppressing.contains(String(decoding: $0, as: UTF8.self)) }) {
                return nil
            }
        }
        let mine = try mine(execution)
        // Nobody answers himself.
        guard !mine.contains(Self.folded(sender)) else { return nil }
        let owner = try named(mine, &execution)
        guard owner != nil || execution.subject.settings.vacationIgnoresRecipients else { return nil }
        return (sender, owner)
    }

    private static func isMachine(_ localPart: String) -> Bool {
        let folded = localPart.uppercased()
        return machines.contains(folded) || folded.hasSuffix("-REQUEST") || folded.hasPrefix("OWNER-")
            || folded.hasPrefix("NO-REPLY") || folded.hasPrefix("NOREPLY")
    }

    /// The recipient's addresses, folded: those that the envelope and the script name.
    private func mine(_ execution: Execution) throws(Interruption) -> Set<[UInt8]> {
        var mine: Set<[UInt8]> = []
        let subject = execution.subject
        if let address = subject.recipient { mine.insert(Self.folded(address)) }
        if let address = subject.originalRecipient, subject.settings.vacationUsesOriginalRecipient {
            mine.insert(Self.folded(address))
        }
        if let address = subject.settings.userAddress.flatMap({ Address($0) }) {
            mine.insert(Self.folded(address))
        }
        for phrase in addresses {
            let text = try execution.octets(of: phrase)
            if let address = RedirectCommand.address(text) { mine.insert(Self.folded(address)) }
        }
        return mine
    }

    /// §4.5: the message must name one of them as its recipient. As it writes it.
    private func named(_ mine: Set<[UInt8]>, _ execution: inout Execution) throws(Interruption) -> String? {
        for name in ["to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc"] {
            for address in try execution.addresses(.phrase(.constant(Array(name.utf8)))) {
                guard let value = address.value(of: .all, delimiter: ""), mine.contains(value.folded) else {
                    continue
                }
                return RedirectCommand.address(value.octets)?.description
                    ?? execution.subject.recipient?.description ?? ""
            }
        }
        return nil
    }

    private static func folded(_ address: Address) -> [UInt8] {
        Comparator.fold(Array(address.description.utf8))
    }
}
