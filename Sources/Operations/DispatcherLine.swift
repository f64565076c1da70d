// SPDX-License-Identifier: MIT

package import NIOCore

/// What operations may ask of the dispatcher.
package enum DispatcherAct: String, Hashable, Sendable, CaseIterable {
    case status
    case reload
    case stop
}

/// The way to the dispatcher. The role has one over its control descriptor; a test has one of its own.
package protocol DispatcherLine: Sendable {
    /// Carries out `act`; the answer is one JSON object without a line end. Called on `loop` and answered
    /// there. It may take any time, or fail with an error for people: whoever asks sets a limit.
    func ask(_ act: DispatcherAct, on loop: any EventLoop) -> EventLoopFuture<String>
}
