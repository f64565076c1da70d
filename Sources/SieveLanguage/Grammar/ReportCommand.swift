// SPDX-License-Identifier: MIT

internal import Mail

/// Pigeonhole's: `report [:headers_only] <feedback-type: string> <message: string> <address: string>`. An
/// abuse report (RFC 5965) about this message.
struct ReportCommand: SieveCommand {
    static let usage = Usage(
        name: "report", capabilities: ["vnd.dovecot.report"], tags: [.init(name: "headers_only")],
        positional: [
            .init(name: "feedback type", kind: .string), .init(name: "message", kind: .string),
            .init(name: "address", kind: .string),
        ])

    let type: Phrase
    let message: Phrase
    let address: Phrase
    let isHeadersOnly: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let type = arguments.string(0), let message = arguments.string(1),
            let address = arguments.string(2)
        else { return nil }
        self.type = compiler.phrase(type)
        self.message = compiler.phrase(message)
        self.address = compiler.phrase(address)
        isHeadersOnly = arguments.has("headers_only")
        var isGood = true
        if let constant = self.type.constant, !Self.isType(constant) {
            compiler.mistakes.add(
                type.range, "\(MistakeList.quoted(constant)) is no feedback type",
                help: "types are abuse, fraud, virus, not-spam and other")
            isGood = false
        }
        if let constant = self.address.constant, RedirectCommand.address(constant) == nil {
            compiler.mistakes.add(
                address.range, "\(MistakeList.quoted(constant)) is not an address that mail can be sent to",
                help: "write one address such as \"abuse@example.org\"")
            isGood = false
        }
        guard isGood else { return nil }
    }

    /// A token (RFC 2045 §5.1), as RFC 5965 §3.1 has it.
    static func isType(_ octets: [UInt8]) -> Bool {
        !octets.isEmpty && octets.count <= 64
            && octets.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>@,;:\\\"/[]?=".utf8.contains($0) }
    }
}
