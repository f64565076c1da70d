// SPDX-License-Identifier: MIT

/// RFC 5463 §4: `ihave <capabilities: string-list>`
///
/// Decided when the script is compiled: what stands behind a true one may use what it names, and what stands
/// behind a false one is compiled, so that its mistakes show, but may use anything.
struct IhaveTest: SieveTest {
    static let usage = Usage(
        name: "ihave", capabilities: ["ihave"],
        positional: [.init(name: "capabilities", kind: .stringList)])

    let isTrue: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        var isTrue = true
        for text in arguments.strings(0) {
            guard let name = compiler.constant(text, naming: "capability") else { return nil }
            let capability = String(decoding: name, as: UTF8.self)
            if Vocabulary.capabilities.contains(capability), !compiler.withheld.contains(capability),
                !Vocabulary.beyondIhave.contains(capability)
            {
                compiler.require(capability)
            } else {
                isTrue = false
            }
        }
        self.isTrue = isTrue
    }
}
