// SPDX-License-Identifier: MIT

/// Why the operations role could not begin, or an answer could not be had.
package struct OperationsError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The HTTP port.
        case pagePort
        /// The control socket.
        case controlSocket
        /// The dispatcher did not answer, or not what was asked.
        case dispatcher
        /// Outbound did not answer, or not to the end.
        case outbound
    }

    package let code: Code
    /// What is wrong, where, and what to do.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
