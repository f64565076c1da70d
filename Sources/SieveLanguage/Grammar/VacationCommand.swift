// SPDX-License-Identifier: MIT

/// RFC 5230 §4, RFC 6131: `vacation [:days number / :seconds number] [:subject string] [:from string]
/// [:addresses string-list] [:mime] [:handle string] <reason: string>`
struct VacationCommand: SieveCommand {
    static let usage = Usage(
        name: "vacation", capabilities: ["vacation"],
        tags: [
            .init(name: "days", group: "interval", value: .number),
            .init(name: "seconds", group: "interval", value: .number, capability: "vacation-seconds"),
            .init(name: "subject", value: .string), .init(name: "from", value: .string),
            .init(name: "addresses", value: .stringList), .init(name: "mime"),
            .init(name: "handle", value: .string),
        ],
        positional: [.init(name: "reason", kind: .string)])

    let days: Int?
    let seconds: Int?
    let subject: Phrase?
    let from: Phrase?
    let addresses: [Phrase]
    let isMIME: Bool
    let handle: Phrase?
    let reason: Phrase

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0), let reason = compiler.text(text, naming: "reason") else {
            return nil
        }
        self.reason = reason
        days = arguments.number(ofTag: "days")
        seconds = arguments.number(ofTag: "seconds")
        isMIME = arguments.has("mime")
        handle = arguments.string(ofTag: "handle").map { compiler.phrase($0) }
        subject = arguments.string(ofTag: "subject").map { compiler.phrase($0) }
        from = arguments.string(ofTag: "from").map { compiler.phrase($0) }
        addresses = compiler.phrases(arguments.strings(ofTag: "addresses"))
        if let from, let constant = from.constant, RedirectCommand.address(constant) == nil {
            compiler.mistakes.add(
                arguments.range(ofTag: "from") ?? arguments.nameRange,
                "\(MistakeList.quoted(constant)) is not an address that an answer can come from",
                help: "write one address such as \"Ann <ann@example.org>\"")
            return nil
        }
        if isMIME, let constant = reason.constant, !Self.isEntity(constant) {
            compiler.mistakes.add(
                text.range, "under :mime the reason must be a MIME entity, and this is none",
                help: "begin it with Content-Type: and an empty line, in ASCII")
            return nil
        }
    }

    /// Header fields of MIME, then an empty line; nothing that another field could be made of.
    static func isEntity(_ octets: [UInt8]) -> Bool {
        var sawField = false
        for line in octets.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = line.last == 0x0D ? line.dropLast() : line
            if line.isEmpty { return sawField }
            if line.first == 0x20 || line.first == 0x09 {
                guard sawField else { return false }
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                Comparator.fold(Array(line[..<colon])).starts(with: "CONTENT-".utf8)
            else { return false }
            sawField = true
        }
        return false
    }
}
