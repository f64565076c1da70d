// SPDX-License-Identifier: MIT

internal import Mail

/// The databases by which a test file asks for what stands beside it.
package enum SuiteFiles {
    /// A file's octets in base64, by its path relative to the test file's folder.
    package static let contents = "svtest-file"
    /// Names of the scripts in a folder there, without `.sieve`, a line each.
    package static let scripts = "svtest-scripts"

    /// Folders of scripts that others include: personal ones, and those for all.
    static let libraries = ["included", "included-global"]

    static func contents(of file: String) -> Question { .database(.init(database: contents, key: file)) }
    static func names(in folder: String) -> Question { .database(.init(database: scripts, key: folder)) }

    static func names(_ list: String) -> [String] { list.split(separator: "\n").map(String.init) }

    /// Nil where there is no such file.
    static func contents(_ answer: Answer) -> [UInt8]? {
        guard case .database(.value(let text)) = answer else { return nil }
        return Base64.decode(Array(text.utf8))
    }

    static func add(_ name: String, _ source: [UInt8], of folder: String, to library: inout ScriptLibrary) {
        if folder == libraries.last { library.global[name] = source } else { library.personal[name] = source }
    }
}
