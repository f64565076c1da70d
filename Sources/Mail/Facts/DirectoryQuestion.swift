// SPDX-License-Identifier: MIT

/// A search in an LDAP directory (RFC 4511 §4.5). Values from outside are already quoted where they stand in
/// `base` (RFC 4514) and `filter` (RFC 4515): whoever makes a question quotes.
package struct DirectoryQuestion: Codable, Hashable, Sendable {
    package enum Scope: String, Codable, Hashable, Sendable, CaseIterable { case base, one, sub }

    /// As `[directory.NAME]` in the configuration, which names servers, credentials and budgets. An LDAP URL
    /// (RFC 4516) that names a host asks the directory whose servers include it; one without, `default`.
    package var directory: String
    /// Empty: the directory's own.
    package var base: String
    package var scope: Scope
    package var filter: String
    /// In the order wanted; empty asks for all user attributes.
    package var attributes: [String]

    package init(directory: String, base: String, scope: Scope, filter: String, attributes: [String]) {
        self.directory = directory
        self.base = base
        self.scope = scope
        self.filter = filter
        self.attributes = attributes
    }
}

package enum DirectoryAnswer: Codable, Hashable, Sendable {
    /// At least one, at most `entriesMax`.
    case entries([DirectoryEntry])
    /// The search was made, and nothing fits.
    case none
    /// The search could not be made: all servers are gone, slow, or refuse it. Asking again later may help.
    case unreachable(String)
    /// The search itself is wrong: a bad filter, no such base, no right to read. Asking again won't help.
    case refused(String)

    /// Entries of one answer, at most: a look-up wants one, and a group's members are values.
    package static let entriesMax = 10
    /// Values of one attribute, at most.
    package static let valuesMax = 1_000
}

package struct DirectoryEntry: Codable, Hashable, Sendable {
    package var name: String
    /// Attribute names as asked for, or as the server writes them where all were asked for; values in the
    /// server's order, as UTF-8 with what is not replaced.
    package var attributes: [Attribute]

    package struct Attribute: Codable, Hashable, Sendable {
        package var name: String
        package var values: [String]

        package init(name: String, values: [String]) {
            self.name = name
            self.values = values
        }
    }

    package init(name: String, attributes: [Attribute]) {
        self.name = name
        self.attributes = attributes
    }
}
