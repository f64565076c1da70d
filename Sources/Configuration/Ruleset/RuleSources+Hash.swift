// SPDX-License-Identifier: MIT

internal import Cryptography

extension RuleSources {
    /// Said first, so that another way of adding files up can't give the same hash.
    private static let format = "postern ruleset 1\n"

    /// For each file, in the order given: its name, a NUL (no name holds one), its length in decimal, a line
    /// end, its bytes. No two sets of files read the same.
    static func hash(of files: [RuleFile]) -> String {
        var digest = RunningDigest()
        digest.update(Array(format.utf8))
        for file in files {
            digest.update(Array(file.name.utf8) + [0] + Array("\(file.bytes.count)\n".utf8))
            digest.update(file.bytes)
        }
        return Digest.hexadecimal(digest.finish())
    }
}
