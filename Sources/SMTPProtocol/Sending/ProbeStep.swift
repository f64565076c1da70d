// SPDX-License-Identifier: MIT

package import Mail

/// What the holder of a connection that asks about recipients does next. Every call of `ProbeMachine` gives
/// exactly one.
package enum ProbeStep: Hashable, Sendable {
    /// Nothing until more bytes come. What was not consumed is handed in again, with what comes behind it.
    case needMore
    case send([UInt8])
    /// Greeted, or done with a question: ready for the next one.
    case ready
    /// What the server says of the recipient that was asked about. `send` what comes with it, if anything.
    case answered(RecipientAnswer, send: [UInt8])
    /// Close. A question that has no answer yet gets none on this connection.
    case closed(SendingEnd)
}
