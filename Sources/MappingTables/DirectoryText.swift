// SPDX-License-Identifier: MIT

/// Text on its way into a directory's filter.
package enum DirectoryText {
    /// `text` as an assertion value: whatever it holds, it stays one (RFC 4515 §3).
    package static func filterValue(_ text: String) -> String {
        var output: [UInt8] = []
        DirectoryQuoting.filter.write(text.utf8, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
