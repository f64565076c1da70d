// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

extension SettingsReader {
    /// `[access]`: the form of the access tables' probes.
    mutating func readAccess() -> AccessPolicy {
        var table = table("access")
        var policy = AccessPolicy(
            originalRecipient: tableNames(&table, "orcpt"), counts: tableNames(&table, "counts"),
            conversionTags: tableNames(&table, "conversion_tags"),
            showsRetries: table.flag("retries", default: false))
        policy.substitute = readSubstitute(&table) ?? policy.substitute
        policy.errors = table.word("errors", default: policy.errors)
        policy.reverse = table.word("reverse", default: policy.reverse)
        policy.forward = table.word("forward", default: policy.forward)
        policy.rewritesUnauthenticated = table.flag("auth_rewrite_always", default: false)
        policy.rewriteShowsChannel = table.flag("auth_rewrite_channel", default: false)
        table.close()
        return policy
    }

    /// A list of tables' names; `["*"]` is all that can be named.
    private func tableNames<Name: RawRepresentable & CaseIterable & Hashable>(
        _ table: inout TableReader, _ key: String
    ) -> Set<Name> where Name.RawValue == String {
        guard let said = table.strings(key, countMax: Name.allCases.count) else { return [] }
        if said.count == 1, said[0].value == "*" { return Set(Name.allCases) }
        return Set(said.compactMap { table.word($0, name: table.name(key)) })
    }

    private func readSubstitute(_ table: inout TableReader) -> String? {
        guard let said = table.string("paranoia") else { return nil }
        guard said.value.utf8.count == 1, let octet = said.value.utf8.first, (0x21...0x7E).contains(octet),
            octet != UInt8(ascii: "|")
        else {
            reading.complain(
                at: said.place, "\(table.name("paranoia")) is \"\(said.value)\"; it must be one character",
                help: "write a printable character other than \"|\", such as \"_\": it stands for each \"|\""
                    + " that a stranger writes into an address")
            return nil
        }
        return said.value
    }
}
