// SPDX-License-Identifier: MIT

package import Mail

/// What a script wants done with the message. What comes of it is not decided here.
package struct SieveAction: Codable, Hashable, Sendable {
    package enum Kind: Codable, Hashable, Sendable {
        /// An explicit keep (RFC 5228 §4.3); the implicit one is `ScriptOutcome.implicitKeep`. Flags as in
        /// RFC 5232.
        case keep(flags: [String] = [])
        /// RFC 5228 §4.1.
        case fileinto(Filing)
        /// RFC 5228 §4.2.
        case redirect(Redirection)
        /// RFC 5429 §2.2. Lines end in CRLF.
        case reject(reason: String)
        /// RFC 5429 §2.1: as `reject`, but an SMTP reply is wanted even at the price of the reason's exact
        /// text.
        case ereject(reason: String)
        /// Sun's: only ever an SMTP reply.
        case refuse(reason: String)
        /// RFC 5228 §4.4: a keep of another script may undo it.
        case discard
        /// A discard that no other script can undo.
        case jettison
        /// The message waits for a person.
        case hold(reason: String)
        /// RFC 5230: an answer to the sender, whom it wasn't sent to lately.
        case vacation(VacationReply)
        /// RFC 5435: somebody is told.
        case notify(Notification)
        /// Sun's: a copy for `address`, with the envelope in a report where `withEnvelope`.
        case capture(address: String, withEnvelope: Bool)
        /// Sun's: put before the subject.
        case addtag(String)
        /// Sun's: put before the text.
        case addprefix(String)
        /// Sun's: conversion tags added to the recipient's.
        case addconversiontag([String])
        /// Sun's: conversion tags instead of the recipient's.
        case setconversiontag([String])
        /// Sun's: `+n` and `-n` add to the spam score, `n` sets it.
        case spamadjust(String)
        /// Sun's: the virus level, 0 to 5.
        case virusset(Int)
        /// Sun's: no vacation of a later script.
        case novacation
        /// Sun's: no notification of a later script.
        case nonotify
        /// Sun's: a text for the log.
        case transactionlog(String)
        /// Sun's: the envelope sender of every copy; empty is the null reverse-path.
        case setenvelopefrom(String)
        /// Pigeonhole's: an abuse report (RFC 5965) with the message in it.
        case report(AbuseReport)
    }

    package var kind: Kind
    /// The command that took it.
    package var place: RulePlace
    /// Of an action that delivers: the message as the script had edited it by then (RFC 5293 §7). Nil where
    /// it hadn't, and for every other action.
    package var edition: Edition?

    package init(kind: Kind, place: RulePlace, edition: Edition? = nil) {
        self.kind = kind
        self.place = place
        self.edition = edition
    }
}

extension SieveAction {
    package struct Filing: Codable, Hashable, Sendable {
        package var folder: String
        /// RFC 3894: the implicit keep stays.
        package var copy: Bool
        /// RFC 5490: the folder is to be made where there is none.
        package var create: Bool
        /// RFC 5232; nil where the message's own flags aren't changed.
        package var flags: [String]

        package init(folder: String, copy: Bool = false, create: Bool = false, flags: [String] = []) {
            self.folder = folder
            self.copy = copy
            self.create = create
            self.flags = flags
        }
    }

    package struct Redirection: Codable, Hashable, Sendable {
        /// `local-part@domain`.
        package var address: String
        package var copy: Bool
        /// RFC 6009: NOTIFY's value for the copy, such as `SUCCESS,FAILURE`; nil leaves it as it is.
        package var notify: String?
        /// RFC 6009: `FULL` or `HDRS`.
        package var ret: String?
        /// RFC 6009: seconds from now, or a time in seconds since 1970-01-01 UTC, with the mode `notify` or
        /// `return`, and whether a trace is wanted.
        package var deliverBy: DeliverBy?
        /// RFC 6134 §2.5: the list that `address` is a member of; nil where it was named itself. Members of a
        /// list are one redirect to the limits.
        package var list: String?
        /// Sun's: Resent- fields on the copy, or none; nil where the script doesn't say.
        package var isResent: Bool?

        package struct DeliverBy: Codable, Hashable, Sendable {
            package var seconds: Int64
            package var isAbsolute: Bool
            package var mode: String
            package var isTraced: Bool

            package init(seconds: Int64, isAbsolute: Bool, mode: String, isTraced: Bool) {
                self.seconds = seconds
                self.isAbsolute = isAbsolute
                self.mode = mode
                self.isTraced = isTraced
            }
        }

        package init(
            address: String, copy: Bool = false, notify: String? = nil, ret: String? = nil,
            deliverBy: DeliverBy? = nil, list: String? = nil, isResent: Bool? = nil
        ) {
            self.list = list
            self.isResent = isResent
            self.address = address
            self.copy = copy
            self.notify = notify
            self.ret = ret
            self.deliverBy = deliverBy
        }
    }

    package struct VacationReply: Codable, Hashable, Sendable {
        /// The text, or with `isMIME` a whole MIME entity, header and all.
        package var reason: String
        package var isMIME: Bool
        /// Nil: `Auto: ` and the message's subject.
        package var subject: String?
        /// The `From:` of the answer; nil: `owner`, or the recipient's address.
        package var from: String?
        /// That address of the recipient's that the message named; nil where it named none.
        package var owner: String?
        /// How long the same sender gets no second answer.
        package var seconds: Int
        /// As the script gave it in days; nil where it gave seconds.
        package var days: Int?
        /// Distinguishes answers; nil: their text does.
        package var handle: String?
        /// To whom.
        package var recipient: String

        package init(
            reason: String, isMIME: Bool, subject: String?, from: String?, seconds: Int, days: Int?,
            handle: String?, recipient: String, owner: String? = nil
        ) {
            self.owner = owner
            self.reason = reason
            self.isMIME = isMIME
            self.subject = subject
            self.from = from
            self.seconds = seconds
            self.days = days
            self.handle = handle
            self.recipient = recipient
        }
    }

    package struct Notification: Codable, Hashable, Sendable {
        /// A URI: `mailto:...` (RFC 5436).
        package var method: String
        package var from: String?
        /// 1 high, 2 normal, 3 low.
        package var importance: Int
        package var options: [String]
        /// Nil: the method's own text.
        package var message: String?

        package init(method: String, from: String?, importance: Int, options: [String], message: String?) {
            self.method = method
            self.from = from
            self.importance = importance
            self.options = options
            self.message = message
        }
    }

    package struct AbuseReport: Codable, Hashable, Sendable {
        /// RFC 5965 §7.3: `abuse`, `fraud`, `virus`, `other`, `not-spam`.
        package var feedbackType: String
        package var message: String
        package var address: String
        package var isHeadersOnly: Bool

        package init(feedbackType: String, message: String, address: String, isHeadersOnly: Bool) {
            self.feedbackType = feedbackType
            self.message = message
            self.address = address
            self.isHeadersOnly = isHeadersOnly
        }
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
        case .refuse: "refuse"
        case .discard: "discard"
        case .jettison: "jettison"
        case .hold: "hold"
        case .vacation: "vacation"
        case .notify: "notify"
        case .capture: "capture"
        case .addtag: "addtag"
        case .addprefix: "addprefix"
        case .addconversiontag: "addconversiontag"
        case .setconversiontag: "setconversiontag"
        case .spamadjust: "spamadjust"
        case .virusset: "virusset"
        case .novacation: "novacation"
        case .nonotify: "nonotify"
        case .transactionlog: "transactionlog"
        case .setenvelopefrom: "setenvelopefrom"
        case .report: "report"
        }
    }
}
