// SPDX-License-Identifier: MIT

internal import Telemetry

extension Counter {
    /// One line for dashboards. `docs/metrics.md` says more, traps included.
    var help: String {
        switch self {
        case .connectionsAccepted: "SMTP connections taken, those rejected afterwards included."
        case .connectionsRejected: "SMTP connections that PORT_ACCESS or its look-ups turned away."
        case .sessionsOpen: "SMTP sessions open now."
        case .tlsHandshakes: "TLS sessions established after STARTTLS."
        case .tlsFailures: "TLS handshakes that failed."
        case .sendersRejected: "MAIL FROM commands that FROM_ACCESS turned away."
        case .recipientsAdmitted: "RCPT TO commands answered 250."
        case .recipientsRejected: "RCPT TO commands that the recipient tables turned away."
        case .messagesAccepted: "Messages answered 250 and owed to a next hop for one recipient or more."
        case .messagesHeld: "Messages answered 250 that wait for a person."
        case .messagesRejected: "Messages refused for good after their content was judged."
        case .messagesDiscarded: "Messages answered 250 that nobody gets."
        case .messagesDeferred: "Messages answered 4xx after their content was sent."
        case .messagesPoisoned: "Messages held whole because judging them killed workers before."
        case .octetsAccepted: "Octets of the messages in postern_messages_accepted_total, as received."
        case .badCommands: "SMTP commands with a mistake in grammar or order."
        case .bareNewlines: "Messages refused for a CR or LF that stood alone."
        case .queueCommitFailures: "Messages answered 451 because the spool could not take them."
        case .queueBatches: "Batches that the spool synced, each with one message or more."
        case .questionsAsked: "Questions that rules asked, whoever answered."
        case .questionsFromCache: "Questions answered from the worker's memory."
        case .questionsUnavailable: "Questions that nobody answered in time."
        case .lookupsAnswered: "DNS questions answered, names that don't exist included."
        case .lookupsFailed: "DNS questions that failed or timed out."
        case .scansClean: "Scans that found nothing."
        case .scansInfected: "Scans that found something."
        case .scansUnscanned: "Scans that came to no result."
        case .deliveriesDone: "Recipients that a next hop or maildir took."
        case .deliveriesDeferred: "Recipients put off by a next hop, once for each attempt."
        case .deliveriesRefused: "Recipients that a next hop refused for good."
        case .deliveriesUncertain: "Recipients whose delivery broke off before its reply and is repeated."
        case .queueWaiting: "Entries owed to a next hop now."
        case .queueHeld: "Entries that wait for a person now."
        case .casesWritten: "Cases written."
        case .casesFolded: "Refusals that were counted in an earlier case instead of one of their own."
        case .casesLost: "Cases that could not be written."
        case .rolesRestarted: "Processes that ended unasked and were started again."
        case .reloadsDone: "Rulesets taken over by a reload."
        case .reloadsRefused: "Rulesets refused for mistakes in them."
        case .testSignaturesOnly: "1 while a scanner has nothing but test signatures, else 0."
        }
    }
}
