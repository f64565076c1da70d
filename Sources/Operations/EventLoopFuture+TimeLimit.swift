// SPDX-License-Identifier: MIT

internal import NIOCore

extension EventLoopFuture where Value: Sendable {
    /// The same value, or `error` once `limit` has passed; what comes later is dropped.
    func within(_ limit: TimeAmount, orFail error: OperationsError) -> EventLoopFuture<Value> {
        let promise = eventLoop.makePromise(of: Value.self)
        let timer = eventLoop.scheduleTask(in: limit) { promise.fail(error) }
        whenComplete { result in
            timer.cancel()
            promise.completeWith(result)
        }
        return promise.futureResult
    }
}
