// SPDX-License-Identifier: MIT
internal import CLibcrypto

/// What libcrypto refused to do, and its own words for why. For the operator.
package struct CryptographyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done and what went wrong with it, one sentence without a full stop.
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }

    /// Takes the oldest entry off this thread's error queue, and empties it, so that the next error isn't
    /// blamed on this one.
    static func libcrypto(_ doing: String) -> CryptographyError {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return CryptographyError("libcrypto could not \(doing)") }
        // 256 octets are what the library asks for (ERR_error_string_n(3)).
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let words = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return CryptographyError("libcrypto could not \(doing): \(String(decoding: words, as: UTF8.self))")
    }
}
