// SPDX-License-Identifier: MIT

/// Where a script's `fileinto` leads: a gateway has no folders of its own.
package enum FolderPolicy: Codable, Hashable, Sendable {
    /// The copy waits for a person.
    case hold
    /// The copy is relayed as `keep` would have it.
    case relay
    /// The same, with this field on top that names the folder, for a next hop that files by it.
    case header(String)
    /// The copy goes to `user+folder@domain`, for a next hop that files by the detail (RFC 5233).
    case subaddress
    /// The copy leaves by this channel.
    case channel(String)

    /// The field of `header` alone.
    package static let fieldName = "X-Sieve-Folder"

    /// As the configuration writes it: `hold`, `relay`, `header`, `header:X-Folder`, `subaddress`,
    /// `channel:archive`. Nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count == 2 ? String(parts[1]) : nil
        switch (parts.first.map(String.init), argument) {
        case ("hold", nil): self = .hold
        case ("relay", nil): self = .relay
        case ("header", nil): self = .header(Self.fieldName)
        case ("header", let name?) where Self.isFieldName(name): self = .header(name)
        case ("subaddress", nil): self = .subaddress
        case ("channel", let name?) where !name.isEmpty: self = .channel(name)
        default: return nil
        }
    }

    /// RFC 5322 §2.2, and short enough that a folder's name fits beside it.
    private static func isFieldName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
    }
}

extension Policy {
    /// What `folder` leads to, by its name, or by the longest key that ends in `*` and fits; nil where
    /// nothing is configured.
    package func policy(ofFolder folder: String) -> FolderPolicy? {
        if let exact = folders[folder] { return exact }
        var longest: (octets: Int, policy: FolderPolicy)?
        for (key, policy) in folders where key.utf8.last == UInt8(ascii: "*") {
            let octets = key.utf8.count - 1
            guard octets > longest?.octets ?? -1, folder.utf8.starts(with: key.utf8.dropLast()) else {
                continue
            }
            longest = (octets, policy)
        }
        return longest?.policy
    }
}
