// SPDX-License-Identifier: MIT

package import Mail
package import NIOCore

/// Carries questions to the world and brings answers back: the only thing on this side of the house that
/// knows where an answer comes from.
package protocol QuestionCarrier: AnyObject {
    /// The answer, if it is known without asking anyone: a cached DNS record, the time.
    func known(_ question: Question, message: MessageBytes?) -> Answer?
    /// Asks. What can't be had is `.unavailable`, never a failure. Nobody listens any more after `deadline`:
    /// work that has not begun by then is better left undone. `message` is what is being judged, for
    /// questions about it. `secret` goes beside an identity question and nowhere else: into no log, no record
    /// and no cache.
    func ask(
        _ question: Question, message: MessageBytes?, secret: [UInt8]?, deadline: NIODeadline,
        on loop: any EventLoop
    ) -> EventLoopFuture<Answer>
}
