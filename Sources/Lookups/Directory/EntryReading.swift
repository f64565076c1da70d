// SPDX-License-Identifier: MIT

internal import CLDAP
internal import Mail

/// Entries of one search, as far as they were wanted and the limits go.
struct EntryReading {
    private let handle: OpaquePointer
    /// As asked for; empty for all.
    private let wanted: [String]
    private var octets = 0
    private(set) var entries: [DirectoryEntry] = []

    init(handle: OpaquePointer, attributes: [String]) {
        self.handle = handle
        // With `*` or `+` among them the server chooses.
        wanted = attributes.contains("*") || attributes.contains("+") ? [] : attributes
    }

    /// One entry's message. Beyond `entriesMax` they are left out.
    mutating func take(_ message: OpaquePointer) throws(DirectoryFailure) {
        guard entries.count < DirectoryAnswer.entriesMax else { return }
        guard let name = ldap_get_dn(handle, message) else { throw .gone("an entry without a name") }
        defer { ldap_memfree(name) }
        var entry = DirectoryEntry(name: String(cString: name), attributes: [])
        octets += entry.name.utf8.count
        var cursor: OpaquePointer?
        var next = ldap_first_attribute(handle, message, &cursor)
        defer { if let cursor { ber_free(cursor, 0) } }
        while let attribute = next {
            defer { ldap_memfree(attribute) }
            guard entry.attributes.count < DirectoryLimits.attributesMax else { break }
            if let name = self.name(of: String(cString: attribute)) {
                let values = try values(of: attribute, in: message)
                if !values.isEmpty { entry.attributes.append(.init(name: name, values: values)) }
            }
            next = ldap_next_attribute(handle, message, cursor)
        }
        entry.attributes = inOrder(entry.attributes)
        entries.append(entry)
    }

    /// In the server's order, at most `valuesMax`.
    private mutating func values(
        of attribute: UnsafeMutablePointer<CChar>, in message: OpaquePointer
    ) throws(DirectoryFailure) -> [String] {
        guard let list = ldap_get_values_len(handle, message, attribute) else { return [] }
        defer { ldap_value_free_len(list) }
        var values: [String] = []
        // The list ends with a null pointer.
        while values.count < DirectoryAnswer.valuesMax, let value = list[values.count] {
            let bytes = UnsafeRawBufferPointer(
                start: value.pointee.bv_val, count: Int(clamping: value.pointee.bv_len))
            octets += bytes.count
            guard octets <= DirectoryLimits.answerOctetsMax else {
                throw .refused(
                    "the answer has more than \(DirectoryLimits.answerOctetsMax) octets; ask for less"
                )
            }
            values.append(String(decoding: bytes, as: UTF8.self))
        }
        return values
    }

    /// What it is called in the answer: as asked for, and with the server's options (`mail;lang-de`) as the
    /// server writes it. Nil where nobody asked for it.
    private func name(of said: String) -> String? {
        guard said.utf8.count <= DirectoryLimits.attributeOctetsMax else { return nil }
        guard !wanted.isEmpty else { return said }
        let folded = said.lowercased()
        if let same = wanted.first(where: { $0.lowercased() == folded }) { return same }
        let bare = folded.prefix { $0 != ";" }
        return wanted.contains { $0.lowercased() == bare } ? said : nil
    }

    /// Those asked for in the order asked, and what the server added behind them.
    private func inOrder(_ attributes: [DirectoryEntry.Attribute]) -> [DirectoryEntry.Attribute] {
        let asked = wanted.compactMap { name in attributes.first { $0.name == name } }
        return asked + attributes.filter { !wanted.contains($0.name) }
    }
}
