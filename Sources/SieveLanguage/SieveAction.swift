// SPDX-License-Identifier: MIT

package import Mail

/// What a script wants done with the message. What comes of it is not decided here.
package struct SieveAction: Codable, Hashable, Sendable {
    package enum Kind: Codable, Hashable, Sendable {
        /// An explicit keep (RFC 5228 §4.3); the implicit one is `ScriptOutcome.implicitKeep`.
        case keep
        /// RFC 5228 §4.1; `copy` as in RFC 3894: the implicit keep stays.
        case fileinto(folder: String, copy: Bool)
        /// RFC 5228 §4.2; `address` is `local-part@domain`, checked when the script was compiled.
        case redirect(address: String, copy: Bool)
        /// RFC 5429 §2.2. Lines end in CRLF.
        case reject(reason: String)
        /// RFC 5429 §2.1: as `reject`, but an SMTP reply is wanted even at the price of the reason's exact
        /// text.
        case ereject(reason: String)
        /// RFC 5228 §4.4: a keep of another script may undo it.
        case discard
        /// A discard that no other script can undo.
        case jettison
        /// The message waits for a person.
        case hold(reason: String)
    }

    package var kind: Kind
    /// The command that took it.
    package var place: RulePlace

    package init(kind: Kind, place: RulePlace) {
        self.kind = kind
        self.place = place
    }
}

extension SieveAction.Kind {
    /// The command's name, as scripts write it.
    package var name: String {
        switch self {
        case .keep: "keep"
        case .fileinto: "fileinto"
        case .redirect: "redirect"
        case .reject: "reject"
        case .ereject: "ereject"
        case .discard: "discard"
        case .jettison: "jettison"
        case .hold: "hold"
        }
    }
}
