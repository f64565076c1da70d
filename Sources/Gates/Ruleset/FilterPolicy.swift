// SPDX-License-Identifier: MIT

package import SieveLanguage

/// How scripts are run: what each level may spend.
package struct FilterPolicy: Codable, Hashable, Sendable {
    /// What a script of a user, his household or his domain may spend. Whoever wrote it isn't trusted.
    package var userLimits = SieveLimits()
    /// What a channel's or the MTA's script may spend: an operator wrote it.
    package var operatorLimits = SieveLimits()

    /// Name of a field that carries the flags of a copy to the next hop (RFC 5232); nil: they end here.
    package var flagsField: String?

    package init() {}
}
