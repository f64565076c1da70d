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
    case sensesAnswered = "senses_answered_total"
    case sensesFailed = "senses_failed_total"
    case metersEvicted = "meters_evicted_total"
    case effectsCarriedOut = "effects_carried_out_total"
    case deliveriesPossiblyRepeated = "deliveries_possibly_repeated_total"
    case dispatcherUncleanStarts = "dispatcher_unclean_starts_total"
    case authenticationsSucceeded = "authentications_succeeded_total"
    case authenticationsFailed = "authentications_failed_total"
    case earlyTalkers = "early_talkers_total"
    case repliesDelayed = "replies_delayed_total"
    case delaysSkipped = "delays_skipped_total"
    case directoryAsked = "directory_asked_total"
    case directoryRemembered = "directory_remembered_total"
    case identitiesVerified = "identities_verified_total"
    case identitiesRefused = "identities_refused_total"
    case identitiesUnknown = "identities_unknown_total"
    case callAheadProbes = "call_ahead_probes_total"
    case callAheadAccepted = "call_ahead_accepted_total"
    case callAheadUnknown = "call_ahead_unknown_total"
    case callAheadUnsure = "call_ahead_unsure_total"
    case callAheadRemembered = "call_ahead_remembered_total"
    case callAheadCatchAlls = "call_ahead_catch_alls"
    case listMutings = "dns_list_mutings_total"
    case listsMuted = "dns_lists_muted"

    /// Whether the value is a level, set by its owner, not a growing count.
    package var isGauge: Bool {
        switch self {
        case .sessionsOpen, .queueWaiting, .queueHeld, .testSignaturesOnly, .callAheadCatchAlls, .listsMuted:
            true
        default: false
        }
    }
}
