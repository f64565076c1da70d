// SPDX-License-Identifier: MIT
internal import Glibc

/// A disk call that failed: which, on what, and the system's `errno`.
package struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call as people know it: `fdatasync`, `linkat`.
    package let call: String
    package let path: String
    package let number: Int32

    package init(call: String, path: String, number: Int32) {
        self.call = call
        self.path = path
        self.number = number
    }

    package var description: String { "\(call) \(path): \(String(cString: strerror(number)))" }

    var isMissing: Bool { number == ENOENT }
    var isNoFolder: Bool { number == ENOTDIR }
    var isTaken: Bool { number == EEXIST }
}
