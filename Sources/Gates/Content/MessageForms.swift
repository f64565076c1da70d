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
        /// Nil where it isn't the message as it came, and has to be made: `MessageForms.message`.
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
    private var made: [(base: Int, edition: Edition?, message: Message)] = []
    /// Where `editions` has the form of those beyond the limit; nil where nobody is.
    private var plain: Int?

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
        if edition == nil, let message = bases[base].message { return message }
        if let known = made.first(where: { $0.base == base && $0.edition == edition }) {
            return known.message
        }
        let form = edition.map { $0.composed(over: bases[base].edition) } ?? bases[base].edition
        let message = Message(parsing: MessageBytes(form.bytes(of: bytes)))
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

    /// Where `editions` has what nobody's tables and scripts had a hand in: for recipients beyond the limit,
    /// who must not get what was made for somebody else. There is room for this one always. `message` is
    /// `canonical` over the received bytes.
    mutating func indexPlain(of message: Message, canonical: Edition?, removingOf hostname: String?) -> Int {
        if let plain { return plain }
        let owned = OwnedFields.edition(message, removingOf: hostname, prepending: top)
        let edition = owned.composed(over: canonical ?? .unchanged(octets: bytes.count))
        let index = editions.firstIndex(of: edition) ?? editions.count
        if index == editions.count { editions.append(edition) }
        plain = index
        return index
    }

    /// Where `editions` has the received bytes below our lines, without the fields that only we may write.
    /// There is room for this one always: it stands instead of all others.
    mutating func indexReceived(removingOf hostname: String?) -> Int {
        let owned = OwnedFields.edition(
            Message(parsing: bytes), removingOf: hostname, prepending: top)
        let fits = owned.pieces.count <= Settlement.piecesMax
        editions.append(fits ? owned : Edition.unchanged(octets: bytes.count).prepending(top))
        return editions.count - 1
    }

    private mutating func index(_ edition: Edition) -> Int? {
        if let known = editions.firstIndex(of: edition) { return known }
        guard editions.count < Self.formsMax else { return nil }
        editions.append(edition)
        return editions.count - 1
    }
}
