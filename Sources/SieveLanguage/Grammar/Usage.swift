// SPDX-License-Identifier: MIT

/// How a test or an action is written: the RFC's usage line as a value. `Arguments` checks against it, so
/// that every test and action answers the same mistake in the same words. One for each word, shared.
final class Usage: Sendable {
    /// In lower case.
    let name: String
    /// Capabilities of which any one makes it known; empty where it belongs to the base language.
    let capabilities: [String]
    let tags: [Tag]
    /// In the order in which they are written.
    let positional: [Positional]

    init(name: String, capabilities: [String] = [], tags: [Tag] = [], positional: [Positional] = []) {
        self.name = name
        self.capabilities = capabilities
        self.tags = tags
        self.positional = positional
    }

    struct Tag: Sendable {
        /// Without its colon, in lower case.
        let name: String
        /// Tags of one group exclude each other (RFC 5228 §2.6); nil where the tag stands for itself.
        var group: String?
        /// What follows the tag; nil where nothing does.
        var value: Kind?
        /// The capability that makes it known; nil where it comes with the command.
        var capability: String?
    }

    struct Positional: Sendable {
        /// As an error message names it.
        let name: String
        let kind: Kind
        /// Only the last ones may be left out.
        var isOptional = false
    }

    enum Kind: Sendable {
        case string
        /// A single string is a list of one (RFC 5228 §2.4.2.1).
        case stringList
        case number

        var words: String {
            switch self {
            case .string: "a string"
            case .stringList: "a string list"
            case .number: "a number"
            }
        }
    }
}

extension Usage.Tag {
    /// RFC 5228 §2.7.3.
    static let comparator = Usage.Tag(name: "comparator", value: .string)

    /// RFC 5232 §5: the flags that the message gets there, instead of those of the internal variable.
    static let flags = Usage.Tag(name: "flags", value: .stringList, capability: "imap4flags")

    /// RFC 5260 §6: which of several fields of a name, counted from the first or, with `:last`, from the
    /// last.
    static let index = [
        Usage.Tag(name: "index", value: .number, capability: "index"),
        Usage.Tag(name: "last", capability: "index"),
    ]

    /// RFC 3894: the action is taken besides the implicit keep, not instead of it.
    static let copy = Usage.Tag(name: "copy", capability: "copy")
}
