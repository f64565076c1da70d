// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc

/// The account that a process works under once it needs root no more.
package struct ProcessUser: Sendable, Hashable {
    package let name: String
    package let uid: UInt32
    package let gid: UInt32

    /// Looks `name` up. Throws where there is no such account, or where it is root: dropping to root drops
    /// nothing.
    package init(named name: String) throws(ConfinementError) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var text = [CChar](repeating: 0, count: Self.entryOctetsMax)
        let status = getpwnam_r(name, &entry, &text, text.count, &found)
        guard status == 0, found != nil else {
            throw ConfinementError(
                code: .noSuchUser, message: "there is no user \"\(name)\": create it, or name another")
        }
        guard entry.pw_uid != 0 else {
            throw ConfinementError(
                code: .userIsRoot, message: "user \"\(name)\" is root: name an account without rights")
        }
        self.name = name
        uid = entry.pw_uid
        gid = entry.pw_gid
    }

    /// Octets of one account entry, at most; real ones have under 200.
    private static let entryOctetsMax = 16_384

    /// Gives root up for `name`, for good. Without root it is skipped and the line says so; with root and no
    /// name, too. Throws where the account is wrong or the kernel refuses: then the process must not go on.
    package static func drop(to name: String?) throws(ConfinementError) -> ConfinementReport.Line {
        guard geteuid() == 0 else {
            return .init(
                measure: "user", isApplied: true,
                detail: "uid \(geteuid()), not started as root: nothing to drop")
        }
        guard let name, !name.isEmpty else {
            return .init(measure: "user", isApplied: false, detail: "runs as root: no user is configured")
        }
        let user = try ProcessUser(named: name)
        let status = postern_set_ids(user.uid, user.gid)
        guard status == 0 else {
            throw ConfinementError(
                code: .cannotDrop, message: "cannot become user \"\(name)\": \(describe(status))")
        }
        // Had a saved id survived, this would succeed.
        guard setuid(0) != 0, getuid() == user.uid, geteuid() == user.uid, getgid() == user.gid else {
            throw ConfinementError(
                code: .cannotDrop, message: "root came back after becoming user \"\(name)\"")
        }
        return .init(measure: "user", isApplied: true, detail: "\(name), uid \(user.uid)")
    }
}
