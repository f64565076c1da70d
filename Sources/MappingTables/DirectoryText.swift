// SPDX-License-Identifier: MIT

/// Text on its way into a directory's filter or into a name there.
package enum DirectoryText {
    /// `text` as an assertion value: whatever it holds, it stays one (RFC 4515 §3).
    package static func filterValue(_ text: String) -> String {
        var output: [UInt8] = []
        DirectoryQuoting.filter.write(text.utf8, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// `text` as an attribute's value in a distinguished name: whatever it holds, it stays one (RFC 4514
    /// §2.4).
    package static func nameValue(_ text: String) -> String {
        var output: [UInt8] = []
        DirectoryQuoting.name.write(text.utf8, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
