// SPDX-License-Identifier: MIT

/// RFC 5228 §5.5: `exists <header names: string-list>`
struct ExistsTest: SieveTest {
    static let usage = Usage(name: "exists", positional: [.init(name: "header names", kind: .stringList)])

    let slots: [Int]
    /// One of the names can't be a field's, so that not all of them exist.
    let isNeverTrue: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        let names = arguments.strings(0)
        slots = names.compactMap { compiler.fieldSlot($0) }
        isNeverTrue = slots.count < names.count
    }
}
