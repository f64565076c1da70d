// SPDX-License-Identifier: MIT

internal import Mail

/// Checks secrets against a file of hashes.
final class PasswordChecker: SecretChecker {
    private let file: PasswordFile

    init(path: String) { file = PasswordFile(path: path) }

    func check(_ identity: String, secret: [UInt8], deadlineMs: Int64) -> IdentityAnswer {
        do throws(LookupError) {
            try file.refresh()
        } catch {
            return .failed(error.description)
        }
        guard let known = file.identities[identity] else {
            // As long as for somebody who is there: the clock must not tell who is.
            _ = PasswordHash.matches(secret, file.identities.values.first?.hash ?? PasswordHash.nobody)
            return .refused
        }
        // Locked, as in shadow(5).
        if known.hash.hasPrefix("!") || known.hash.hasPrefix("*") { return .refused }
        guard PasswordHash.isUsable(known.hash) else {
            return .failed("the password file's hash for \(identity) is none that crypt(3) knows")
        }
        return PasswordHash.matches(secret, known.hash) ? .verified(address: known.address) : .refused
    }

    func rest() {}
    func end() {}
}
