// SPDX-License-Identifier: MIT

import NIOCore
import Operations

/// What operations asked of the dispatcher over its control descriptor and has no answer to yet.
final class DispatcherRequests: DispatcherLine {
    /// Requests without an answer, at most. A dispatcher that owes this many is not going to answer one more.
    static let pendingMax = 64

    private struct State {
        var pending: [Int: EventLoopPromise<String>] = [:]
        var nextID = 0
        var isEnding = false
    }

    private let state: NIOLoopBoundBox<State>

    init(loop: any EventLoop) {
        state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: loop)
    }

    func ask(_ act: DispatcherAct, on loop: any EventLoop) -> EventLoopFuture<String> {
        let owed = state.value.pending.count
        guard !state.value.isEnding else { return loop.makeFailedFuture(Refusal("the gateway is stopping")) }
        guard owed < Self.pendingMax else {
            return loop.makeFailedFuture(Refusal("the dispatcher owes \(owed) answers; see its log"))
        }
        let id = state.value.nextID
        state.value.nextID += 1
        guard ControlLine.send(.request(id: id, act: Self.act(act)), to: RoleContext.control) else {
            return loop.makeFailedFuture(Refusal("the dispatcher is gone; start the gateway again"))
        }
        let promise = loop.makePromise(of: String.self)
        state.value.pending[id] = promise
        return promise.futureResult
    }

    private static func act(_ act: DispatcherAct) -> ControlMessage.Act {
        switch act {
        case .status: .status
        case .reload: .reload
        case .stop: .stop
        }
    }

    /// On the loop.
    func answer(_ id: Int, _ text: String) { state.value.pending.removeValue(forKey: id)?.succeed(text) }

    /// Asks no more: the descriptor is about to be closed, or the dispatcher to end. What was asked may be
    /// answered still. On the loop.
    func beginEnding() { state.value.isEnding = true }

    /// Nothing more is answered. On the loop.
    func end() {
        for promise in state.value.pending.values { promise.fail(Refusal("the gateway stopped")) }
        state.value.pending = [:]
    }

    /// Why there is no answer. For the person who asked.
    private struct Refusal: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }
}
