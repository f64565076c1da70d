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
    }

    private static func effect(_ kind: SieveAction.Kind) -> Effect {
        switch kind {
        case .keep, .fileinto, .redirect, .hold: .delivers
        case .reject, .ereject: .refuses
        case .discard, .jettison: .silent
        }
    }

    /// Whether both in one script are a run-time error: a message is delivered or refused, and refused
    /// once.
    static func conflict(_ one: SieveAction.Kind, _ other: SieveAction.Kind) -> Bool {
        switch (effect(one), effect(other)) {
        case (.refuses, .refuses), (.refuses, .delivers), (.delivers, .refuses): true
        default: false
        }
    }

    /// RFC 5228 §2.10.2, RFC 3894 §3: everything does, but copies.
    static func cancelsImplicitKeep(_ kind: SieveAction.Kind) -> Bool {
        switch kind {
        case .fileinto(_, let copy), .redirect(_, let copy): !copy
        case .keep, .reject, .ereject, .discard, .jettison, .hold: true
        }
    }

    /// Whether the second would do what the first did: no mailbox and nobody gets the message twice
    /// (RFC 5228 §2.10.3).
    static func same(_ one: SieveAction.Kind, _ other: SieveAction.Kind) -> Bool {
        switch (one, other) {
        case (.keep, .keep), (.discard, .discard), (.jettison, .jettison), (.hold, .hold): true
        case (.fileinto(let one, _), .fileinto(let other, _)): one == other
        case (.redirect(let one, _), .redirect(let other, _)):
            one == other || (Address(one) != nil && Address(one) == Address(other))
        default: false
        }
    }

    /// Both as one action.
    static func merged(_ one: SieveAction.Kind, _ other: SieveAction.Kind) -> SieveAction.Kind {
        switch (one, other) {
        case (.fileinto(let folder, let copy), .fileinto(_, let again)):
            .fileinto(folder: folder, copy: copy && again)
        case (.redirect(let address, let copy), .redirect(_, let again)):
            .redirect(address: address, copy: copy && again)
        default: one
        }
    }
}
