// SPDX-License-Identifier: MIT

internal import Glibc

/// Why the outbound role, or one maildir delivery, could not go on. For the operator.
package struct OutboundError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A socket of ours could not be made.
        case socket
        /// A file or folder of a maildir, or the log of acts.
        case disk
        /// A thread could not be started.
        case thread
    }

    package let code: Code
    /// What is wrong, where, and what to do.
    package let message: String

    package var description: String { message }

    /// `doing` names the step and the file, `errno` gives the cause.
    static func system(_ code: Code, _ doing: String, help: String, number: Int32 = errno) -> OutboundError {
        OutboundError(code: code, message: "\(doing): \(String(cString: strerror(number))); \(help)")
    }
}
