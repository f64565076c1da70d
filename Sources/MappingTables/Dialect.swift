// SPDX-License-Identifier: MIT

/// What was decided where the public documents of the language leave a question open: each in this one place.
/// docs/mapping-compatibility.md gives the reasons.
enum Dialect {
    /// Where text comes from that takes the place of a template's sequence.
    enum Source: Sendable {
        case table, callout, database, directory
    }

    /// Whether such text is template text itself, so that flags and `$n` in it count.
    ///
    /// Routines and databases are the operator's, and are scanned. A nested table's result may hold a field
    /// of the probe, and a directory's values may be their owners' to change: what a stranger wrote must
    /// never become a flag.
    static func isScanned(_ source: Source) -> Bool { source == .callout || source == .database }

    /// An octet of a directory's value as it goes into a text. `|` divides fields and arguments, and control
    /// characters have no business in either.
    static func directoryOctet(_ octet: UInt8) -> UInt8 {
        octet == UInt8(ascii: "|") || octet < 0x20 || octet == 0x7F ? UInt8(ascii: "_") : octet
    }

    /// Whether the text of an address pattern is a field, as that of a wildcard is.
    static let savesAddresses = true

    /// The database that `${...}` reads.
    static let generalDatabase = "general"
    /// The directory of an LDAP URL without a host, and of domains.
    static let defaultDirectory = "default"
    /// The attribute of an LDAP URL that stands for the entry's own name.
    static let entryName = "dn"
    /// The attribute list that asks for none (RFC 4511 §4.5.1.8).
    static let noAttributes = "1.1"

    /// Radix of a sequence number where none is given.
    static let radix = 10
    /// A negative radix writes the same digits as the positive one: numbers of a sequence have no sign.
    static func digits(ofRadix radix: Int) -> Int { abs(radix) }

    /// How the entry of a domain is found: Sun's schema 2, and with `associatedDomain` any other (RFC 4524).
    /// `name` is quoted already.
    static func domainFilter(_ name: String) -> String {
        "(|(sunPreferredDomain=\(name))(associatedDomain=\(name)))"
    }

    /// Attributes of a domain's entry, the first with a value counts. `_name_` are pseudo attributes; nil
    /// where there is none of that name.
    static func domainAttributes(_ name: String) -> [String]? {
        guard name.utf8.first == UInt8(ascii: "_") else { return [name] }
        return switch name {
        case "_domain_dn_": [entryName]
        case "_base_dn_": ["inetDomainBaseDN", entryName]
        case "_domain_name_": ["sunPreferredDomain", "associatedDomain"]
        case "_canonical_name_": ["inetCanonicalDomainName", "sunPreferredDomain", "associatedDomain"]
        default: nil
        }
    }
    static let domainPseudoAttributes = ["_base_dn_", "_domain_dn_", "_domain_name_", "_canonical_name_"]

    /// `$.text.` also stands in for a live database that can't be read: the original's databases never were
    /// out of reach.
    static let fallbackCoversDatabases = true
    /// A template that takes the place of an entry's, `$.text.`, ends the scan unless it says otherwise: an
    /// entry `$C$.$NLater.$]...[$Y$E` would else go on with the refusal's text as its probe.
    static let fallbackControl = Template.Control.end
}
