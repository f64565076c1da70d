// SPDX-License-Identifier: MIT
internal import Mail

/// The options of an entry as they stand in a commit's record: u8 NOTIFY (1 never, 2 success, 4 failure, 8
/// delay), u8 what follows (1 full, 2 headers only, 4 envelope id, 8 deadline), [text envelope id],
/// [i64 deadline, u8 mode (0 notify, 1 return), u8 traced], u32 n + n of: address, text original recipient;
/// u32 n + n texts: conversion tags.
enum OptionsCode {
    /// What the shortest takes.
    static let octetsMin = 10

    private enum Flag {
        static let full: UInt8 = 1
        static let headers: UInt8 = 2
        static let envelopeID: UInt8 = 4
        static let deliverBy: UInt8 = 8
    }

    /// About as many as `put` puts.
    static func octets(_ options: DeliveryOptions) -> Int {
        options.conversionTags.reduce(
            options.originalRecipients.reduce(octetsMin + 10 + (options.envelopeID?.utf8.count ?? 0)) {
                $0 + 12 + $1.recipient.localPart.utf8.count + $1.recipient.domain.utf8.count
                    + $1.text.utf8.count
            }
        ) { $0 + 4 + $1.utf8.count }
    }

    static func put(_ options: DeliveryOptions, into buffer: inout RecordBuffer) {
        var flags: UInt8 = 0
        switch options.ret {
        case .full: flags |= Flag.full
        case .headers: flags |= Flag.headers
        case nil: break
        }
        if options.envelopeID != nil { flags |= Flag.envelopeID }
        if options.deliverBy != nil { flags |= Flag.deliverBy }
        buffer.put(options.notify.rawValue)
        buffer.put(flags)
        if let id = options.envelopeID { buffer.put(id) }
        if let deliverBy = options.deliverBy {
            buffer.put(deliverBy.deadline)
            buffer.put(UInt8(deliverBy.mode == .return ? 1 : 0))
            buffer.put(UInt8(deliverBy.isTraced ? 1 : 0))
        }
        buffer.put(UInt32(clamping: options.originalRecipients.count))
        for original in options.originalRecipients {
            buffer.put(original.recipient)
            buffer.put(original.text)
        }
        buffer.put(UInt32(clamping: options.conversionTags.count))
        for tag in options.conversionTags { buffer.put(tag) }
    }

    static func take(_ bytes: inout RecordBytes) throws(RecordBytes.Malformed) -> DeliveryOptions {
        var options = DeliveryOptions()
        options.notify = .init(rawValue: try bytes.number(UInt8.self) & 15)
        let flags = try bytes.number(UInt8.self)
        if flags & Flag.full != 0 { options.ret = .full }
        if flags & Flag.headers != 0 { options.ret = .headers }
        if flags & Flag.envelopeID != 0 { options.envelopeID = try bytes.text() }
        if flags & Flag.deliverBy != 0 {
            let deadline = try bytes.number(Int64.self)
            let mode = try bytes.number(UInt8.self)
            let traced = try bytes.number(UInt8.self)
            guard mode <= 1, traced <= 1 else { throw .init(what: "an entry's deadline is none") }
            options.deliverBy = .init(
                deadline: deadline, mode: mode == 1 ? .return : .notify, isTraced: traced == 1)
        }
        for _ in 0..<(try bytes.count(octetsEach: 12)) {
            options.originalRecipients.append(.init(recipient: try bytes.address(), text: try bytes.text()))
        }
        for _ in 0..<(try bytes.count(octetsEach: 4)) { options.conversionTags.append(try bytes.text()) }
        return options
    }
}
