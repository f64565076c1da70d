// SPDX-License-Identifier: MIT

package import SieveLanguage

/// Where scripts come from beside the ruleset, what each level may do and spend, and what it leads to that
/// one can't be had or fails.
package struct FilterPolicy: Codable, Hashable, Sendable {
    /// What it leads to that nobody can say now whether there is a script.
    package enum OnUnreachable: String, Codable, Hashable, Sendable, CaseIterable {
        /// The client is asked to come again.
        case `defer`
        /// As if there were none, with a note in the trail.
        case skip
    }

    /// What a script of a user, his household or his domain may spend. Whoever wrote it isn't trusted.
    package var userLimits = FilterPolicy.standardUserLimits
    /// What a channel's or the MTA's script may spend: an operator wrote it.
    package var operatorLimits = SieveLimits()
    /// Capabilities that scripts under `userLimits` can't require: what acts on other people's mail, or on
    /// what the operator sees.
    package var withheldFromUsers = FilterPolicy.standardWithheld
    /// What scripts notice of the operator's choices; the gate adds folders and lists.
    package var settings = SieveSettings()
    /// Name of the field that tells the flags of a message (RFC 5232) to whoever delivers it; nil: none does.
    package var flagsField: String?
    package var onUnreachable = OnUnreachable.defer
    /// Users' scripts are read from a folder when mail comes (`ScriptQuestion.users`).
    package var readsUserFolder = false
    package var directory: ScriptDirectory?
    /// What a failing script of that level leads to; nil: `Policy.scriptError`.
    package var mtaOnError: Policy.ScriptErrorPolicy?
    package var domainOnError: Policy.ScriptErrorPolicy?
    package var householdOnError: Policy.ScriptErrorPolicy?

    package init() {}

    /// Attributes of a directory that have scripts. An attribute may have several values, each a rule: they
    /// are joined in the order that their comments give (`StoredRules`).
    package struct ScriptDirectory: Codable, Hashable, Sendable {
        /// As `[directory.NAME]`.
        package var name: String
        /// Finds the entry of a recipient, user or list: `%a` address, `%u` local part, `%d` domain.
        package var filter = "(mail=%a)"
        package var attribute = "mailSieveRuleSource"
        /// Finds the entry of a domain, by `%d`; empty: domains have no scripts.
        package var domainFilter = ""
        package var domainAttribute = "mailDomainSieveRuleSource"
        /// The attribute of a user's entry that names the entry whose script is imposed on him; empty: there
        /// are no households (Sun's LDAP_FILTER_REFERENCE).
        package var householdReference = ""
        /// The attribute of a user's entry that must be one of `switchedOn` for that; empty: none has to
        /// (LDAP_PARENTAL_CONTROLS).
        package var householdSwitch = ""
        /// In the entry referred to: the script (LDAP_HOH_FILTER), and the address of whoever owns it
        /// (LDAP_HOH_OWNER).
        package var householdAttribute = "mailSieveRuleSource"
        package var householdOwner = "mail"
        /// The attribute that has `$M` and `$I` of filter URLs.
        package var uidAttribute = "uid"
        /// What divides a uid from its hosted domain; empty: nothing.
        package var uidSeparator = "@"

        package init(name: String) { self.name = name }

        static let switchedOn: Set<String> = ["yes", "true", "on", "1", "y", "t"]
    }

    /// Half and less of what an operator's script may: whoever can write a script, or has his mailbox taken
    /// over, must not be able to send mail in bulk or to keep the gateway busy.
    package static let standardUserLimits: SieveLimits = {
        var limits = SieveLimits()
        limits.scriptOctetsMax = 262_144
        limits.instructionsMax = 10_000
        limits.actionsMax = 16
        limits.redirectsMax = 4
        limits.notificationsMax = 2
        limits.matchedOctetsMax = 50_000_000
        limits.wildcardStepsMax = 1_000_000
        limits.bodyOctetsMax = 8_388_608
        limits.includesMax = 20
        limits.includeDepthMax = 5
        limits.enclosuresMax = 1
        limits.questionsMax = 20
        limits.listMembersMax = 20
        return limits
    }()

    package static let standardWithheld: Set<String> = [
        "addconversiontag", "capture", "hold", "jettison", "metermaid", "nonotify", "novacation",
        "refuse", "setconversiontag", "setenvelopefrom", "spamadjust", "transactionlog", "virusset",
        "vnd.dovecot.report",
    ]
}

/// The filter URLs of a channel.
package struct ChannelFilters: Codable, Hashable, Sendable {
    /// `filter`: of each recipient whose mail leaves by it, at the user's own level.
    package var user: FilterURL?
    /// `destination_filter`: for mail that leaves by it.
    package var destination: FilterURL?
    /// `source_filter`: for mail that comes in by it.
    package var source: FilterURL?
    /// What a failing script leads to; nil: `Policy.scriptError`.
    package var destinationOnError: Policy.ScriptErrorPolicy?
    package var sourceOnError: Policy.ScriptErrorPolicy?

    package init() {}

    /// The name of a channel's filter in questions, and of its file in the ruleset.
    package static func store(channel: String, key: String) -> String { "channel.\(channel).\(key)" }
}
