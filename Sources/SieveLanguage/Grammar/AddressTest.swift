// SPDX-License-Identifier: MIT

/// RFC 5228 §5.1:
/// `address [COMPARATOR] [ADDRESS-PART] [MATCH-TYPE] <header list: string-list> <key list: string-list>`
struct AddressTest: SieveTest {
    static let usage = Usage(
        name: "address", tags: KeyMatcher.tags + Usage.Tag.addressParts,
        positional: [
            .init(name: "header list", kind: .stringList), .init(name: "key list", kind: .stringList),
        ])

    /// Fields whose body is a list of addresses: those of RFC 5322 §3.6 and of widely used extensions. The
    /// RFC obliges us to refuse any other.
    static let fieldNames: Set<String> = [
        "approved", "bcc", "cc", "delivered-to", "disposition-notification-to", "envelope-to", "errors-to",
        "from",
        "mail-followup-to", "mail-reply-to", "reply-to", "resent-bcc", "resent-cc", "resent-from",
        "resent-reply-to",
        "resent-sender", "resent-to", "return-path", "return-receipt-to", "sender", "to", "x-envelope-from",
        "x-envelope-to", "x-original-to",
    ]

    let slots: [Int]
    let part: AddressPart
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        var slots: [Int] = []
        var isGood = true
        for name in arguments.strings(0) {
            guard let slot = compiler.fieldSlot(name) else { continue }
            guard Self.fieldNames.contains(String(decoding: name.octets, as: UTF8.self).lowercased()) else {
                compiler.mistakes.add(
                    name.range, "the header field \(MistakeList.quoted(name.octets)) holds no addresses",
                    help:
                        "use header; address takes \(Self.fieldNames.sorted().joined(separator: ", "))"
                )
                isGood = false
                continue
            }
            slots.append(slot)
        }
        guard let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler), isGood else {
            return nil
        }
        self.slots = slots
        self.keys = keys
        part = AddressPart(arguments)
    }
}
