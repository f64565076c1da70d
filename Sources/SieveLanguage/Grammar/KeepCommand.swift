// SPDX-License-Identifier: MIT

/// RFC 5228 §4.3, RFC 5232 §5: `keep [:flags <list-of-flags: string-list>]`
struct KeepCommand: SieveCommand {
    static let usage = Usage(name: "keep", tags: [.flags])

    /// Nil: those of the internal variable.
    let flags: [Phrase]?

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        flags = arguments.has("flags") ? compiler.phrases(arguments.strings(ofTag: "flags")) : nil
    }
}
