// SPDX-License-Identifier: MIT

/// RFC 5490 §3.1: `mailboxexists <mailbox-names: string-list>`. A gateway's mailboxes are the folders that
/// its configuration gives a meaning.
struct MailboxexistsTest: SieveTest {
    static let usage = Usage(
        name: "mailboxexists", capabilities: ["mailbox"],
        positional: [.init(name: "mailbox names", kind: .stringList)])

    let names: [Phrase]

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        names = compiler.phrases(arguments.strings(0))
    }
}

/// RFC 8579 §3: `specialuse_exists [<mailbox: string>] <special-use-attrs: string-list>`
struct SpecialuseExistsTest: SieveTest {
    static let usage = Usage(
        name: "specialuse_exists", capabilities: ["special-use"],
        positional: [
            .init(name: "mailbox or special-use attributes", kind: .stringList),
            .init(name: "special-use attributes", kind: .stringList, isOptional: true),
        ])

    let mailbox: Phrase?
    let uses: [Phrase]

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        let hasMailbox = arguments.has(positional: 1)
        mailbox = hasMailbox ? arguments.string(0).map { compiler.phrase($0) } : nil
        uses = compiler.phrases(arguments.strings(hasMailbox ? 1 : 0))
    }
}
