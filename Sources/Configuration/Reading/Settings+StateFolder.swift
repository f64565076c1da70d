// SPDX-License-Identifier: MIT

extension Settings {
    /// The state folder that the bytes of a configuration file name, whatever else is wrong with them: a
    /// mistake in the rules must not keep anybody from stopping a gateway. Nil where the file is no TOML or
    /// names none. A relative one starts at `folder` (absolute).
    package static func stateFolder(in bytes: [UInt8], folder: String) -> String? {
        // A file that is no TOML names nothing; `parse` complains of it.
        guard let document = try? TOMLDocument(parsing: bytes) else { return nil }
        var root = TableReader(DocumentReading(file: "", document: document, source: []))
        var gateway = root.table("gateway")
        guard let said = gateway.string("state")?.value, !said.isEmpty, !said.utf8.contains(0) else {
            return nil
        }
        return said.utf8.first == UInt8(ascii: "/") ? said : "\(folder)/\(said)"
    }
}
