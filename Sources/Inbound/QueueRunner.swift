// SPDX-License-Identifier: MIT

package import NIOCore

/// Has mail that waits for a channel's next hop tried now: what ETRN asks for.
package protocol QueueRunner: AnyObject {
    /// How many entries are on their way now. Fails where nobody could be told within `deadline`.
    func run(channel: String, deadline: NIODeadline, on loop: any EventLoop) -> EventLoopFuture<Int>
}
