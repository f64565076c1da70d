// SPDX-License-Identifier: MIT

/// Why a process can't give its rights up as configured. It must not start then.
package struct ConfinementError: Error, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case noSuchUser
        case userIsRoot
        case cannotDrop
    }

    package let code: Code
    /// What is wrong and what to do.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
