// SPDX-License-Identifier: MIT

import SieveLanguage

/// What `sieve run` answers.
struct SieveReport: Encodable {
    var actions: [Action]
    var implicitKeep: Bool
    /// The edited message. No extension that edits is known yet, so there never is one.
    var message = Nullable<String>(nil)
    var error: Nullable<String>

    enum CodingKeys: String, CodingKey {
        case actions, message, error
        case implicitKeep = "implicit_keep"
    }

    init(actions: [Action], implicitKeep: Bool, error: String?) {
        self.actions = actions
        self.implicitKeep = implicitKeep
        self.error = Nullable(error)
    }

    init(_ outcome: ScriptOutcome) {
        self.init(
            actions: outcome.actions.map { Action(kind: $0.kind) }, implicitKeep: outcome.implicitKeep,
            error: outcome.error)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(actions, forKey: .actions)
        try container.encode(implicitKeep, forKey: .implicitKeep)
        try container.encode(message, forKey: .message)
        try container.encode(error, forKey: .error)
    }

    /// `type`, and the keys that belong to it.
    struct Action: Encodable {
        let kind: SieveAction.Kind

        private enum Key: String, CodingKey { case type, folder, flags, copy, create, address, reason }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(kind.name, forKey: .type)
            // No script can set a flag or ask for a folder to be made, as long as it can't require
            // `imap4flags` and `mailbox`.
            let flags: [String] = []
            switch kind {
            case .keep: try container.encode(flags, forKey: .flags)
            case .fileinto(let folder, let copy):
                try container.encode(folder, forKey: .folder)
                try container.encode(flags, forKey: .flags)
                try container.encode(copy, forKey: .copy)
                try container.encode(false, forKey: .create)
            case .redirect(let address, let copy):
                try container.encode(address, forKey: .address)
                try container.encode(copy, forKey: .copy)
            case .reject(let reason), .ereject(let reason), .hold(let reason):
                try container.encode(reason, forKey: .reason)
            case .discard, .jettison: break
            }
        }
    }
}
