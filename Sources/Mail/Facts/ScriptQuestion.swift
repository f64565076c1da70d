// SPDX-License-Identifier: MIT

/// The text of a script that is read when mail comes, and isn't part of the ruleset: a user's own, or one
/// that a filter URL leads to.
package struct ScriptQuestion: Codable, Hashable, Sendable {
    /// Names a folder of the configuration: `users`, or a channel's filter, `channel.inside.filter`.
    package var store: String
    /// Below that folder: names with `/` between them. Whoever makes a question sees to it that what came
    /// from outside is one name, `isName`; whoever answers looks again.
    package var path: String

    package init(store: String, path: String) {
        self.store = store
        self.path = path
    }

    /// The folder of users' scripts: `ADDRESS.sieve`, and `ADDRESS/NAME.sieve` for those to be included.
    package static let users = "users"
    /// What a script's file ends in.
    package static let suffix = ".sieve"
    /// Octets of one name: what Linux's file systems take (NAME_MAX).
    package static let nameOctetsMax = 255
    /// Names in one path: a folder for a letter, one for a domain, one for an address, and the file.
    package static let namesMax = 8

    /// Whether `name` is one name in a folder, and none that leads elsewhere or is hidden there.
    package static func isName(_ name: some StringProtocol) -> Bool {
        let octets = name.utf8
        return !octets.isEmpty && octets.count <= nameOctetsMax && octets.first != UInt8(ascii: ".")
            && octets.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }
    }

    /// The names of `path`; nil where one of them is none, or there are too many.
    package var names: [String]? {
        let names = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
        return names.count <= Self.namesMax && names.allSatisfy { Self.isName($0) } ? names : nil
    }
}

package enum ScriptAnswer: Codable, Hashable, Sendable {
    /// The whole script. What is longer than a case may hold is refused.
    case text(String)
    /// There is no such script.
    case none
    /// It can't be read now: the disk, a missing right, the folder itself. Asking again later may help.
    case unreachable(String)
    /// It can't be used as it is: too long, no text, no plain file. Asking again won't help.
    case refused(String)

    /// Octets of a script that is read when mail comes: a case keeps each, and a frame carries it. Filters
    /// that people write have a few thousand.
    package static let octetsMax = 65_536
}
