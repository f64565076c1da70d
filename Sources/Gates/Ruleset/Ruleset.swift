// SPDX-License-Identifier: MIT

package import MappingTables
package import SieveLanguage

/// Rules and scripts compiled together. Immutable; named by the SHA-256 of the bytes it was compiled from. A
/// message is judged by one of them from MAIL FROM to settlement (promise P2).
package struct Ruleset: Sendable {
    /// 64 hexadecimal digits.
    package let hash: String
    package let tables: TableSet
    package let scripts: ScriptSet
    package let policy: Policy
    /// Text databases by name, for gates that look something up themselves; `tables` has its own way to them.
    package let databases: [String: DatabaseSource]
    /// Scripts that were read when mail came, as they were compiled.
    let compiled = CompiledScripts()

    package init(
        hash: String, tables: TableSet, scripts: ScriptSet, policy: Policy,
        databases: [String: DatabaseSource] = [:]
    ) {
        self.hash = hash
        self.tables = tables
        self.scripts = scripts
        self.policy = policy
        self.databases = databases
    }
}

/// The scripts of a ruleset, by level.
package struct ScriptSet: Sendable {
    /// Run for every message.
    package var mta: Script?
    /// By file name without `.sieve`; `Policy.Channel` says which channel uses which.
    package var channels: [String: Script]
    /// By recipient address in lower case.
    package var users: [String: Script]
    /// Of channels' filter URLs that name one file, by `ChannelFilters.store`.
    package var filters: [String: Script] = [:]
    /// By name, what `include :global` finds (RFC 6609 §3.2), for scripts that are read when mail comes.
    package var global: [String: [UInt8]] = [:]

    package init(mta: Script? = nil, channels: [String: Script] = [:], users: [String: Script] = [:]) {
        self.mta = mta
        self.channels = channels
        self.users = users
    }
}
