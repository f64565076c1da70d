// SPDX-License-Identifier: MIT

/// RFC 5228 §5.9: `size <":over" / ":under"> <limit: number>`
struct SizeTest: SieveTest {
    static let usage = Usage(
        name: "size", tags: [.init(name: "over", group: "bound"), .init(name: "under", group: "bound")],
        positional: [.init(name: "limit", kind: .number)])

    let isOver: Bool
    let limitOctets: Int

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let limit = arguments.number(0) else { return nil }
        guard arguments.has("over") || arguments.has("under") else {
            compiler.mistakes.add(
                arguments.nameRange, "the size test needs \":over\" or \":under\"",
                help: "write size :over 100K")
            return nil
        }
        isOver = arguments.has("over")
        limitOctets = limit
    }
}
