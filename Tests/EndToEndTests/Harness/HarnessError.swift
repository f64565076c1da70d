// SPDX-License-Identifier: MIT

import Foundation

/// The test can't go on: a peer is missing, or answered otherwise than it must for the test to mean anything.
struct HarnessError: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }

    /// Postfix changes users, confinement changes users, and a small file system has to be mounted.
    static func requireRoot(for what: String) throws {
        guard geteuid() == 0 else {
            throw HarnessError(
                "\(what) needs root, and we are user \(geteuid()): run the tests as root, as CI does")
        }
    }
}
