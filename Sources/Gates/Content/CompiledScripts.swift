// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// Compiles scripts that were read when mail came, and keeps what came of it with the ruleset: the same
/// user's script isn't compiled for each message. What it gives depends on the source alone.
struct CompiledScripts: Sendable {
    /// Everything that compiling depends on, beside the ruleset.
    struct Source: Hashable, Sendable {
        let name: String
        /// Octets, as texts that look alike may be equal and still match other mail.
        let text: [UInt8]
        /// What `include :personal` finds.
        let personal: [String: [UInt8]]
        /// Whether it is held to what users may.
        let isUsers: Bool

        init(name: String, text: String, personal: [String: String] = [:], isUsers: Bool) {
            self.name = name
            self.text = Array(text.utf8)
            self.personal = personal.mapValues { Array($0.utf8) }
            self.isUsers = isUsers
        }

        var octets: Int { personal.reduce(text.count) { $0 + $1.value.count } }
    }

    struct Result: Sendable {
        /// Nil where it has mistakes.
        var script: Script?
        /// Each mistake with its place; warnings are none.
        var mistakes: [String]
    }

    /// Scripts kept by one worker: those of everybody who gets mail every few minutes at a large site.
    static let scriptsMax = 4_000
    /// Octets of their text, all together. A compiled script takes some ten times as much memory.
    static let octetsMax = 8_388_608

    private let kept = KeptResults<Source, Result>(entriesMax: scriptsMax, costMax: octetsMax)

    var count: Int { kept.count }

    func result(_ source: Source, global: [String: [UInt8]], policy: FilterPolicy) -> Result {
        if let known = kept[source] { return known }
        let compiled = Script.compile(
            name: source.name, source: source.text,
            limits: source.isUsers ? policy.userLimits : policy.operatorLimits,
            library: ScriptLibrary(personal: source.personal, global: global),
            withheld: source.isUsers ? policy.withheldFromUsers : [])
        let mistakes = compiled.complaints.filter { $0.severity == .error }
            .map { "\($0.file):\($0.line):\($0.column): \($0.message)" }
        let result = Result(script: compiled.script, mistakes: mistakes)
        kept.keep(result, for: source, cost: source.octets)
        return result
    }
}
