// SPDX-License-Identifier: MIT

package import SieveLanguage

/// How scripts are run: what each level may spend.
package struct FilterPolicy: Codable, Hashable, Sendable {
    /// What a script of a user, his household or his domain may spend. Whoever wrote it isn't trusted.
    package var userLimits = SieveLimits()
    /// What a channel's or the MTA's script may spend: an operator wrote it.
    package var operatorLimits = SieveLimits()

    package init() {}
}
