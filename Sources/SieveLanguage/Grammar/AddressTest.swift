// SPDX-License-Identifier: MIT

/// RFC 5228 §5.1:
/// `address [COMPARATOR] [ADDRESS-PART] [MATCH-TYPE] <header list: string-list> <key list: string-list>`
struct AddressTest: SieveTest {
    static let usage = Usage(
        name: "address", tags: KeyMatcher.tags + AddressPart.tags + Usage.Tag.index + MIMESelection.tags,
        positional: [
            .init(name: "header list", kind: .stringList), .init(name: "key list", kind: .stringList),
        ])

    /// Fields whose body is a list of addresses; RFC 5228 §5.1 lets us refuse any other. Those of RFC 5322
    /// §3.6, those that RFC 2076 and the registry of field names (RFC 4021) list, and those of mail programs.
    static let fieldNames: Set<String> = [
        "bcc", "cc", "from", "reply-to", "resent-bcc", "resent-cc", "resent-from", "resent-reply-to",
        "resent-sender", "resent-to", "return-path", "sender", "to",
        "abuse-reports-to", "apparently-to", "approved", "delivered-to", "disposition-notification-to",
        "envelope-to", "errors-to", "for-approval", "for-comment", "for-handling", "mail-followup-to",
        "mail-reply-to", "original-from", "original-recipient", "original-sender", "read-receipt-to",
        "registered-mail-reply-requested-by", "return-receipt-requested", "return-receipt-to",
        "x-admin", "x-beenthere", "x-complaints-to", "x-confirm-reading-to", "x-envelope-from",
        "x-envelope-to",
        "x-original-from", "x-original-to", "x-report-abuse-to", "x-sieve-redirected-from",
    ]

    let names: [FieldName]
    let selection: FieldSelection
    let mime: MIMESelection?
    let part: AddressPart
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        var names: [FieldName] = []
        names.reserveCapacity(arguments.strings(0).count)
        var isGood = true
        for name in arguments.strings(0) {
            guard let found = compiler.fieldName(name) else { continue }
            if case .slot(let slot) = found, !Self.fieldNames.contains(compiler.fieldName(at: slot)) {
                compiler.mistakes.add(
                    name.range, "the header field \(MistakeList.quoted(name.octets)) holds no addresses",
                    help:
                        "use header; address takes \(Self.fieldNames.sorted().joined(separator: ", "))"
                )
                isGood = false
                continue
            }
            names.append(found)
        }
        guard let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler),
            let selection = compiler.selection(arguments), isGood
        else { return nil }
        self.names = names
        self.selection = selection
        mime = MIMESelection.read(arguments, &compiler)
        self.keys = keys
        part = AddressPart(arguments)
    }
}
