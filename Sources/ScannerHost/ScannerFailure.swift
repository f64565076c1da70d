// SPDX-License-Identifier: MIT
package import ScannerWire

/// Why there is no answer from a scanner process. None of these says anything about the message.
package enum ScannerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// No socket: the scanner hasn't loaded its signatures yet, or was never started.
    case notUp(path: String)
    /// A socket, but nobody behind it: the scanner ended.
    case gone(path: String)
    /// The budget ended first: every worker is busy, or this one is slow or hung.
    case noAnswer(afterMs: Int)
    /// The connection ended before the answer: the worker crashed, or was stopped over its own budget.
    case ended
    /// An answer to another job: late, or made up.
    case otherJob
    case badAnswer(ScanWireError)
    /// Something on our side.
    case failed(what: String, why: String)

    package var description: String {
        switch self {
        case .notUp(let path): "not up: no socket at \(path) (still loading its signatures, or not started)"
        case .gone(let path): "gone: nobody listens at \(path)"
        case .noAnswer(let ms): "no answer within \(ms) ms (busy, slow or hung)"
        case .ended: "ended before it answered (crashed, or stopped over its time or memory budget)"
        case .otherJob: "answered another job"
        case .badAnswer(let error): "answered with \(error)"
        case .failed(let what, let why): "cannot \(what): \(why)"
        }
    }
}
