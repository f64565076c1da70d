// SPDX-License-Identifier: MIT

/// What the Sieve language has and this gateway doesn't carry out: scripts of a ruleset can't require it, and
/// `ihave` says so.
package enum WithheldCapabilities {
    package static let names: Set<String> = [
        // They change the message, or its header.
        "addprefix", "addtag", "editheader", "enclose", "replace",
        // They write messages of our own.
        "capture", "enotify", "nonotify", "novacation", "vacation", "vacation-seconds", "vnd.dovecot.report",
        // Nothing reads conversion tags yet, and nothing hands DSN or DELIVERBY on.
        "addconversiontag", "redirect-deliverby", "redirect-dsn", "setconversiontag",
        // There is no store of scripts to include from.
        "include",
    ]
}
