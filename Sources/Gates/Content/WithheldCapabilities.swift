// SPDX-License-Identifier: MIT

/// What the Sieve language has and this gateway doesn't carry out: scripts of a ruleset can't require it, and
/// `ihave` says so.
package enum WithheldCapabilities {
    package static let names: Set<String> = [
        // There is no store of scripts to include from.
        "include"
    ]
}
