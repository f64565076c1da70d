// SPDX-License-Identifier: MIT

internal import Mail

/// The forms in which recipients get one message: each made once, and counted.
struct MessageForms: Sendable {
    /// What scripts are run on: the message without fields that only we may write, with what tables wanted in
    /// its header.
    struct Base: Sendable {
        let form: EditionForm
        /// Over the received bytes.
        let edition: Edition
        /// Made when it is wanted first: most messages are their own base.
        fileprivate(set) var message: Message?
    }

    private let bytes: MessageBytes
    /// Our own lines, on top of every form.
    var top: [UInt8] = []
    private(set) var bases: [Base] = []
    /// What entries of the queue refer to.
    private(set) var editions: [Edition] = []
    /// Edited messages, made whole for whoever reads them next: recipients with the same scripts have the
    /// same edits.
    private var made: [(base: Int, edition: Edition, message: Message)] = []

    /// Forms of one message, at most: each is kept in the queue with what differs. Recipients beyond are
    /// held.
    static let formsMax = 200

    /// Edited messages kept in memory at once: each is as large as the message.
    private static let madeMax = 4

    init(bytes: MessageBytes) { self.bytes = bytes }

    /// The base for `form`, made by `OwnedFields` from `message`, which is `canonical` over the received
    /// bytes. Nil beyond the limit.
    mutating func base(
        _ form: EditionForm, of message: Message, canonical: Edition?, removingOf hostname: String?
    ) -> Int? {
        if let known = bases.firstIndex(where: { $0.form == form }) { return known }
        guard bases.count < Self.formsMax else { return nil }
        let owned = OwnedFields.edition(message, removingOf: hostname, prepending: [], form: form)
        let edition = owned.composed(over: canonical ?? .unchanged(octets: bytes.count))
        var base = Base(form: form, edition: edition)
        if owned.isUnchanged(octets: message.bytes.count) { base.message = message }
        bases.append(base)
        return bases.count - 1
    }

    /// The message as scripts see it: `edition` over the base.
    mutating func message(_ base: Int, _ edition: Edition?) -> Message {
        guard let edition else {
            if let message = bases[base].message { return message }
            let message = Message(parsing: MessageBytes(bases[base].edition.bytes(of: bytes)))
            bases[base].message = message
            return message
        }
        if let known = made.first(where: { $0.base == base && $0.edition == edition }) {
            return known.message
        }
        let message = Message(
            parsing: MessageBytes(edition.composed(over: bases[base].edition).bytes(of: bytes)))
        if made.count >= Self.madeMax { made.removeFirst() }
        made.append((base, edition, message))
        return message
    }

    /// Where `editions` has `edition` over the base, below `lines` and our own. Nil beyond the limit.
    mutating func index(_ base: Int, _ edition: Edition?, lines: [UInt8] = []) -> Int? {
        let form = edition.map { $0.composed(over: bases[base].edition) } ?? bases[base].edition
        return index(form.prepending(top + lines))
    }

    /// Where `editions` has a message of our own. Nil beyond the limit.
    mutating func index(ofLetter edition: Edition, about base: Int) -> Int? {
        index(edition.composed(over: bases[base].edition))
    }

    /// Where `editions` has the received bytes below our lines: of a message that nobody looked into.
    mutating func indexUnread(below top: [UInt8]) -> Int? {
        index(Edition.unchanged(octets: bytes.count).prepending(top))
    }

    private mutating func index(_ edition: Edition) -> Int? {
        if let known = editions.firstIndex(of: edition) { return known }
        guard editions.count < Self.formsMax else { return nil }
        editions.append(edition)
        return editions.count - 1
    }
}
