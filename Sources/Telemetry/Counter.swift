// SPDX-License-Identifier: MIT

/// Everything that Postern counts. A name is an interface (dashboards hang on it): `docs/metrics.md` has a
/// line for
/// each, and a test compares the two. `gauge` values are set, the others only grow.
///
/// The order is the layout of a counter page: append, never insert. A page of another length is begun anew.
package enum Counter: String, CaseIterable, Sendable {
    case connectionsAccepted = "connections_accepted_total"
    case connectionsRejected = "connections_rejected_total"
    case sessionsOpen = "sessions_open"
    case tlsHandshakes = "tls_handshakes_total"
    case tlsFailures = "tls_failures_total"
    case sendersRejected = "senders_rejected_total"
    case recipientsAdmitted = "recipients_admitted_total"
    case recipientsRejected = "recipients_rejected_total"
    case messagesAccepted = "messages_accepted_total"
    case messagesHeld = "messages_held_total"
    case messagesRejected = "messages_rejected_total"
    case messagesDiscarded = "messages_discarded_total"
    case messagesDeferred = "messages_deferred_total"
    case messagesPoisoned = "messages_poisoned_total"
    case octetsAccepted = "octets_accepted_total"
    case badCommands = "bad_commands_total"
    case bareNewlines = "bare_newlines_total"
    case queueCommitFailures = "queue_commit_failures_total"
    case queueBatches = "queue_batches_total"
    case questionsAsked = "questions_asked_total"
    case questionsFromCache = "questions_from_cache_total"
    case questionsUnavailable = "questions_unavailable_total"
    case lookupsAnswered = "lookups_answered_total"
    case lookupsFailed = "lookups_failed_total"
    case scansClean = "scans_clean_total"
    case scansInfected = "scans_infected_total"
    case scansUnscanned = "scans_unscanned_total"
    case deliveriesDone = "deliveries_done_total"
    case deliveriesDeferred = "deliveries_deferred_total"
    case deliveriesRefused = "deliveries_refused_total"
    case deliveriesUncertain = "deliveries_uncertain_total"
    case queueWaiting = "queue_waiting"
    case queueHeld = "queue_held"
    case casesWritten = "cases_written_total"
    case casesFolded = "cases_folded_total"
    case casesLost = "cases_lost_total"
    case rolesRestarted = "roles_restarted_total"
    case reloadsDone = "reloads_done_total"
    case reloadsRefused = "reloads_refused_total"
    case testSignaturesOnly = "scanner_test_signatures_only"

    /// Whether the value is a level, set by its owner, not a growing count.
    package var isGauge: Bool {
        switch self {
        case .sessionsOpen, .queueWaiting, .queueHeld, .testSignaturesOnly: true
        default: false
        }
    }
}
