// SPDX-License-Identifier: MIT

internal import Mail

/// How actions of one script stand to each other (RFC 5228 §2.10, RFC 5429 §2.4).
enum ActionInteraction {
    private enum Effect {
        /// Someone gets the message, or may.
        case delivers
        /// The sender gets it back.
        case refuses
        /// Nobody gets it, unless another action delivers.
        case silent
        /// Says something to the sender, which a refusal does better (RFC 5230 §4.7).
        case answers
        /// Something besides.
        case none
    }

    private static func effect(_ kind: SieveAction.Kind) -> Effect {
        switch kind {
        case .keep, .fileinto, .redirect, .hold: .delivers
        case .reject, .ereject, .refuse: .refuses
        case .discard, .jettison: .silent
        case .vacation: .answers
        case .notify, .capture, .addtag, .addprefix, .addconversiontag, .setconversiontag, .spamadjust,
            .virusset, .novacation, .nonotify, .transactionlog, .setenvelopefrom, .report:
            .none
        }
    }

    /// Whether both in one script are a run-time error: a message is delivered or refused, and refused
    /// once.
    static func conflict(_ one: SieveAction.Kind, _ other: SieveAction.Kind) -> Bool {
        switch (effect(one), effect(other)) {
        case (.refuses, .refuses), (.refuses, .delivers), (.delivers, .refuses), (.refuses, .answers),
            (.answers, .refuses), (.answers, .answers):
            true
        default: false
        }
    }

    /// Whether somebody gets the message by it.
    static func delivers(_ kind: SieveAction.Kind) -> Bool { effect(kind) == .delivers }

    static func isRefusal(_ kind: SieveAction.Kind) -> Bool { effect(kind) == .refuses }

    /// RFC 5228 §2.10.2, RFC 3894 §3: everything does, but copies and what is done besides.
    static func cancelsImplicitKeep(_ kind: SieveAction.Kind) -> Bool {
        switch kind {
        case .fileinto(let filing): !filing.copy
        case .redirect(let redirection): !redirection.copy
        default:
            switch effect(kind) {
            case .delivers, .refuses, .silent: true
            case .answers, .none: false
            }
        }
    }

    /// Whether the second would do what the first did: no mailbox and nobody gets the message twice
    /// (RFC 5228 §2.10.3).
    static func same(_ one: SieveAction.Kind, _ other: SieveAction.Kind) -> Bool {
        switch (one, other) {
        case (.keep, .keep), (.hold, .hold): true
        case (.fileinto(let one), .fileinto(let other)): one.folder == other.folder
        // RFC 5228 §4.3: into the main mailbox, as keep does.
        case (.keep, .fileinto(let filing)), (.fileinto(let filing), .keep):
            isInbox(filing.folder) && !filing.copy
        case (.redirect(let one), .redirect(let other)):
            one.address == other.address
                || (Address(one.address) != nil && Address(one.address) == Address(other.address))
        // The last one counts.
        case (.setenvelopefrom, .setenvelopefrom): true
        // Adding twice is another thing than adding once.
        case (.addtag, _), (.addprefix, _), (.spamadjust, _), (.transactionlog, _), (.addconversiontag, _):
            false
        default: one == other
        }
    }

    /// RFC 9051 §5.1: in any case.
    static func isInbox(_ folder: String) -> Bool { folder.uppercased() == "INBOX" }

    /// Both as one action: the last flags count (RFC 5232 §5).
    static func merged(_ one: SieveAction.Kind, _ other: SieveAction.Kind) -> SieveAction.Kind {
        switch (one, other) {
        case (.keep, .keep), (.fileinto, .keep): other
        case (.keep, .fileinto(let filing)): .keep(flags: filing.flags)
        case (.fileinto(let one), .fileinto(var other)):
            {
                other.copy = one.copy && other.copy
                other.create = one.create || other.create
                return .fileinto(other)
            }()
        case (.redirect(let one), .redirect(var other)):
            {
                other.address = one.address
                other.copy = one.copy && other.copy
                return .redirect(other)
            }()
        case (.setenvelopefrom, .setenvelopefrom): other
        default: one
        }
    }
}
