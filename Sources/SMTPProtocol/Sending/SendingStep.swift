// SPDX-License-Identifier: MIT

/// What the holder of a connection to a next hop does next. Every call of `SendingMachine` gives exactly one.
package enum SendingStep: Hashable, Sendable {
    /// Nothing until more bytes come. What was not consumed is handed in again, with what comes behind it.
    case needMore
    case send([UInt8])
    /// Send the message through a new `ContentEncoder`, its end included, then `contentSent`. Bytes that come
    /// meanwhile go to `receive` as always.
    case sendContent
    /// Every recipient of the message, once, in the envelope's order. Then look at `end`: if it is nil, the
    /// connection is ready for the next message.
    case settled([RecipientResult])
    /// Greeted, and ready for the first message.
    case ready
    /// Close. No message was under way, or its results were given before.
    case closed(SendingEnd)
}
