// SPDX-License-Identifier: MIT

/// What the keeper's log says of one entry. Each record gives the whole state; the last one counts.
///
///     u64 generation, u64 offset, u32 index (the entry), u8 event, u8 place, u16 zero, u32 attempts,
///     i64 next attempt, i64 since, u32 n + n u32 (recipients that are done, by number), text reason
struct LoggedState: Hashable {
    /// What happened. The place alone decides; the event is for whoever reads a log.
    enum Event: UInt8 {
        case delivered = 1
        case deferred = 2
        case movedOut = 3
        case held = 4
        case released = 5
        case deleted = 6
        case split = 7
        /// Written from the live state into a new log.
        case carriedOver = 8
        /// Of a message's effects: they are done.
        case carriedOut = 9
    }

    enum Place: UInt8 {
        case spool = 0
        case owed = 1
        case held = 2
        /// Delivered or deleted.
        case done = 3

        init(_ place: QueueLayout.Place) { self = place == .owed ? .owed : .held }
    }

    var event: Event
    var place: Place
    var attempts = 0
    var nextAttempt: Int64 = 0
    var since: Int64 = 0
    /// Numbers of recipients that nothing is owed to any more, in the entry's own order.
    var doneRecipients: [Int] = []
    var reason = ""

    static func done(_ event: Event) -> LoggedState { LoggedState(event: event, place: .done) }

    func encode(_ id: EntryID, into buffer: inout RecordBuffer) {
        buffer.put(id.message.generation)
        buffer.put(id.message.offset)
        buffer.put(UInt32(clamping: id.index))
        buffer.put(event.rawValue)
        buffer.put(place.rawValue)
        buffer.put(UInt16(0))
        buffer.put(UInt32(clamping: attempts))
        buffer.put(nextAttempt)
        buffer.put(since)
        buffer.put(UInt32(clamping: doneRecipients.count))
        for recipient in doneRecipients { buffer.put(UInt32(clamping: recipient)) }
        buffer.put(reason)
    }

    static func decode(
        _ payload: UnsafeRawBufferPointer
    ) throws(RecordBytes.Malformed) -> (id: EntryID, state: LoggedState) {
        var bytes = RecordBytes(payload)
        let message = MessageID(generation: try bytes.number(), offset: try bytes.number())
        let id = EntryID(message: message, index: Int(try bytes.number(UInt32.self)))
        let eventNumber = try bytes.number(UInt8.self)
        let placeNumber = try bytes.number(UInt8.self)
        _ = try bytes.number(UInt16.self)
        guard let event = Event(rawValue: eventNumber), let place = Place(rawValue: placeNumber) else {
            throw .init(what: "it tells of event \(eventNumber) and place \(placeNumber)")
        }
        var state = LoggedState(event: event, place: place)
        state.attempts = Int(try bytes.number(UInt32.self))
        state.nextAttempt = try bytes.number()
        state.since = try bytes.number()
        for _ in 0..<(try bytes.count(octetsEach: 4)) {
            state.doneRecipients.append(Int(try bytes.number(UInt32.self)))
        }
        state.reason = try bytes.text()
        return (id, state)
    }
}
