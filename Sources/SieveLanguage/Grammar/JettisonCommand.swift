// SPDX-License-Identifier: MIT

/// Sun's private action: `jettison`. A discard that no other script's keep undoes.
struct JettisonCommand: SieveCommand {
    static let usage = Usage(name: "jettison", capabilities: ["jettison", Vocabulary.gateway])

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}
