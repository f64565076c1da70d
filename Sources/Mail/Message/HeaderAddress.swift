// SPDX-License-Identifier: MIT

/// A mailbox as a header field names it (RFC 5322 §3.4). Unlike an envelope's `Address` it may hold anything.
package struct HeaderAddress: Sendable, Hashable {
    /// The name for people, encoded words decoded; without one, an old-style comment after the address; or
    /// empty.
    package let display: String
    /// What the local part stands for: quotes and backslashes undone. Empty for `<>`.
    package let localPart: String
    /// As written, blanks and comments taken out; empty where there is none.
    package let domain: String
    /// The group that it stands in.
    package let group: String?

    package init(display: String = "", localPart: String, domain: String, group: String? = nil) {
        self.display = display
        self.localPart = localPart
        self.domain = domain
        self.group = group
    }

    /// `local-part@domain` for comparisons: the local part isn't quoted again.
    package var text: String { domain.isEmpty ? localPart : "\(localPart)@\(domain)" }
}
