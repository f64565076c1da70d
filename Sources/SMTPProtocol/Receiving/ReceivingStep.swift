// SPDX-License-Identifier: MIT

package import Mail

/// What the holder of the connection does next. Every call of `ReceivingMachine` gives exactly one.
package enum ReceivingStep: Hashable, Sendable {
    /// Nothing until more bytes come. What was not consumed is handed in again, with what comes behind it.
    case needMore
    /// Write it, and go on.
    case reply(Reply)
    /// Ask the connection gate, then `answer`. As with each `ask`, `receive` must wait for the answer.
    case askConnection
    /// Ask the sender gate, then `answer`.
    case askSender(MailCommand)
    /// Ask the recipient gate, then `answer`.
    case askRecipient(RecipientCommand)
    /// Ask whether the client is who it says, then `answer`.
    case askIdentity(Credentials)
    /// ETRN was said: ask its gate, have the queue run, then `answer(.settled)`.
    case askQueueRun(QueueRunCommand)
    /// DATA was said in a transaction with an admitted recipient: make a draft, then `answer`; a refusal is
    /// for want of means (452, 451). Content comes only after an admission.
    case askContent
    /// Offsets in the bytes just handed to `receive`: these octets are content, dots removed. Never empty.
    case content(Range<Int>)
    /// The content is whole: judge it, commit it, then `answer(.settled)`. `octets` is what `content` handed
    /// on.
    case contentEnded(octets: Int)
    /// The content is over and was not good: drop the draft, write the reply. The transaction is over.
    case contentRefused(Reply)
    /// Write the reply in plaintext, throw away all that is buffered, begin the handshake, then
    /// `tlsEstablished`.
    case startTLS(Reply)
    /// Write the reply, then close, and drop the draft if there is one. Nothing that is buffered or comes
    /// later is read.
    case close(Reply)
}
