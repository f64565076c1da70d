// SPDX-License-Identifier: MIT

/// RFC 5228 §4.4: `discard`
struct DiscardCommand: SieveCommand {
    static let usage = Usage(name: "discard")

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}
