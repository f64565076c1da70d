// SPDX-License-Identifier: MIT

/// Why a script can't go on (RFC 5228 §2.10.6). For the script's owner; the execution adds the place.
struct RuntimeFault: Error, Sendable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
