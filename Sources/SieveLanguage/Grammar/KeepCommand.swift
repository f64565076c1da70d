// SPDX-License-Identifier: MIT

/// RFC 5228 §4.3: `keep`
struct KeepCommand: SieveCommand {
    static let usage = Usage(name: "keep")

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}
