// SPDX-License-Identifier: MIT
internal import Glibc

/// Why the queue could not do what was asked. `code` says who is slow or broken, `message` what was being
/// done.
package struct QueueError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// Our disk has no room, or the user's quota on it is used up.
        case diskFull = "disk_full"
        /// Our disk was mounted, or went, read-only.
        case diskReadOnly = "disk_read_only"
        /// Our disk, or what is between it and us, failed.
        case diskFailed = "disk_failed"
        /// This process or this machine has no descriptors or no memory left.
        case resourcesExhausted = "resources_exhausted"
        /// The message breaks one of `QueueLimits`.
        case tooLarge = "too_large"
        /// The commit contradicts itself: our bug.
        case inconsistent
        /// What is on the disk is not what was written.
        case damaged
        /// A newer version wrote the file.
        case unknownVersion = "unknown_version"
        /// Another process does this job already.
        case inUse = "in_use"
        case closed
        case noSuchEntry = "no_such_entry"
        /// The entry is, but not in a state that allows this.
        case wrongState = "wrong_state"
    }

    package let code: Code
    /// What was being done, one sentence without a full stop.
    package let message: String
    /// What the system said; nil where the queue itself refused.
    package let cause: String?
    /// Whether the same may succeed later.
    package let isTransient: Bool

    package init(_ code: Code, _ message: String, cause: String? = nil, isTransient: Bool) {
        self.code = code
        self.message = message
        self.cause = cause
        self.isTransient = isTransient
    }

    /// `doing` in words that follow "while": `committing a message`.
    init(_ failure: DiskError, while doing: String) {
        let (code, culprit): (Code, String) =
            switch failure.number {
            case ENOSPC, EDQUOT: (.diskFull, "our disk is full")
            case EROFS: (.diskReadOnly, "our disk is read-only")
            case EMFILE, ENFILE, ENOMEM, EAGAIN:
                (.resourcesExhausted, "our process is out of files or memory")
            default: (.diskFailed, "our disk failed")
            }
        self.init(code, "\(culprit) while \(doing)", cause: failure.description, isTransient: true)
    }

    package var description: String { cause.map { "\(message) (\($0))" } ?? message }
}
