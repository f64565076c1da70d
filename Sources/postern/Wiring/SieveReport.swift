// SPDX-License-Identifier: MIT

import Mail
import SieveLanguage

/// What `sieve run` answers.
struct SieveReport: Encodable {
    var actions: [Action]
    var implicitKeep: Bool
    /// The edited message; nil where the script edited nothing.
    var message: Nullable<String>
    var error: Nullable<String>

    enum CodingKeys: String, CodingKey {
        case actions, message, error
        case implicitKeep = "implicit_keep"
    }

    init(actions: [Action], implicitKeep: Bool, message: String? = nil, error: String?) {
        self.message = Nullable(message)
        self.actions = actions
        self.implicitKeep = implicitKeep
        self.error = Nullable(error)
    }

    init(_ outcome: ScriptOutcome, on bytes: MessageBytes) {
        // The last edition has every edit; actions before an edit had their own.
        let edition = outcome.edition ?? outcome.actions.last { $0.edition != nil }?.edition
        self.init(
            actions: outcome.actions.map { Action(kind: $0.kind) }, implicitKeep: outcome.implicitKeep,
            message: edition.map { String(decoding: $0.bytes(of: bytes), as: UTF8.self) },
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

        private enum Key: String, CodingKey {
            case type, folder, flags, copy, create, address, reason, subject, days, seconds, handle, method
            case message, importance, tag, tags, text, level, from, mime, dsn, notify, ret
            case feedbackType = "feedback_type"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(kind.name, forKey: .type)
            switch kind {
            case .keep(let flags): try container.encode(flags, forKey: .flags)
            case .fileinto(let filing):
                try container.encode(filing.folder, forKey: .folder)
                try container.encode(filing.flags, forKey: .flags)
                try container.encode(filing.copy, forKey: .copy)
                try container.encode(filing.create, forKey: .create)
            case .redirect(let redirection):
                try container.encode(redirection.address, forKey: .address)
                try container.encode(redirection.copy, forKey: .copy)
                try container.encodeIfPresent(redirection.notify, forKey: .notify)
                try container.encodeIfPresent(redirection.ret, forKey: .ret)
            case .reject(let reason), .ereject(let reason), .refuse(let reason), .hold(let reason):
                try container.encode(reason, forKey: .reason)
            case .vacation(let reply): try encode(reply, in: &container)
            case .notify(let notification):
                try container.encode(notification.method, forKey: .method)
                try container.encode(Nullable(notification.message), forKey: .message)
                try container.encode(String(notification.importance), forKey: .importance)
                try container.encodeIfPresent(notification.from, forKey: .from)
            case .capture(let address, let withEnvelope):
                try container.encode(address, forKey: .address)
                try container.encode(withEnvelope, forKey: .dsn)
            case .setenvelopefrom(let address): try container.encode(address, forKey: .address)
            case .addtag(let tag): try container.encode(tag, forKey: .tag)
            case .addconversiontag(let tags), .setconversiontag(let tags):
                try container.encode(tags, forKey: .tags)
            case .addprefix(let text), .spamadjust(let text), .transactionlog(let text):
                try container.encode(text, forKey: .text)
            case .virusset(let level): try container.encode(level, forKey: .level)
            case .report(let report):
                try container.encode(report.feedbackType, forKey: .feedbackType)
                try container.encode(report.message, forKey: .message)
                try container.encode(report.address, forKey: .address)
            case .discard, .jettison, .novacation, .nonotify: break
            }
        }

        private func encode(
            _ reply: SieveAction.VacationReply, in container: inout KeyedEncodingContainer<Key>
        ) throws {
            try container.encode(reply.reason, forKey: .reason)
            try container.encode(Nullable(reply.subject), forKey: .subject)
            if let days = reply.days {
                try container.encode(days, forKey: .days)
            } else {
                try container.encode(reply.seconds, forKey: .seconds)
            }
            try container.encode(Nullable(reply.handle), forKey: .handle)
            try container.encodeIfPresent(reply.from, forKey: .from)
            if reply.isMIME { try container.encode(true, forKey: .mime) }
        }
    }
}
