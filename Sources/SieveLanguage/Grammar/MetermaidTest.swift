// SPDX-License-Identifier: MIT

internal import Mail

/// Sun's: `metermaid <operation: string> <table: string> <key: string> [<argument: string>
/// [<argument: string>]]`, one operation on a meter (`[meter.NAME]`). True where the callout of that name
/// succeeds:
///
///     throttle         counts a use; true if the key is over the table's quota now
///     query            the same without counting
///     greylisting      notes the attempt; true if the key must still wait
///     test EXPR        true if the number that the key holds passes `=5`, `>5`, `>=5`, `<5` or `<=5`
///     adjust N         adds to the key's number; true if that worked
///     adjust_and_test N EXPR
///     store VALUE      true if that worked
///     remove           true if that worked
///     fetch            true if the key holds something, which is `${0}` then
///
/// It counts at once, whatever becomes of the message; the same operation on the same key is carried out once
/// in a run of the script. A meter that can't be asked makes it false, and the trail says so.
struct MetermaidTest: SieveTest {
    static let usage = MeterOperation.usage
    let operation: MeterOperation
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let operation = MeterOperation(arguments, &compiler) else { return nil }
        self.operation = operation
    }
}

/// `metermaid` as an action: as the test, and what it says is passed over.
struct MetermaidCommand: SieveCommand {
    static let usage = MeterOperation.usage
    let operation: MeterOperation
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let operation = MeterOperation(arguments, &compiler) else { return nil }
        self.operation = operation
    }
}

/// An operation on a meter as a script writes it.
struct MeterOperation: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case throttle, query, greylisting, test, adjust
        case adjustAndTest = "adjust_and_test"
        case store, remove, fetch

        /// What follows the key.
        var arguments: [String] {
            switch self {
            case .throttle, .query, .greylisting, .remove, .fetch: []
            case .test: ["an expression such as \">=5\""]
            case .adjust: ["a number such as \"1\""]
            case .adjustAndTest: ["a number such as \"1\"", "an expression such as \">=5\""]
            case .store: ["a value"]
            }
        }
    }

    static let usage = Usage(
        name: "metermaid", capabilities: GatewayUsage.capabilities("metermaid"),
        positional: [
            .init(name: "operation", kind: .string), .init(name: "table", kind: .string),
            .init(name: "key", kind: .string), .init(name: "argument", kind: .string, isOptional: true),
            .init(name: "second argument", kind: .string, isOptional: true),
        ])

    let kind: Kind
    let table: Phrase
    let key: Phrase
    let arguments: [Phrase]

    init?(_ given: Arguments, _ compiler: inout Compiler) {
        guard let name = given.string(0), let table = given.string(1), let key = given.string(2),
            let octets = compiler.constant(name, naming: "operation")
        else { return nil }
        guard let kind = Kind(rawValue: String(decoding: octets, as: UTF8.self).lowercased()) else {
            compiler.mistakes.add(
                name.range, "a meter has no operation \(MistakeList.quoted(octets))",
                help: "operations are " + Kind.allCases.map(\.rawValue).joined(separator: ", "))
            return nil
        }
        let texts = [given.string(3), given.string(4)].compactMap { $0 }
        guard texts.count == kind.arguments.count else {
            let wanted = kind.arguments.isEmpty ? "nothing" : kind.arguments.joined(separator: " and ")
            compiler.mistakes.add(
                name.range, "\"\(kind.rawValue)\" takes \(wanted) behind the key", help: "write that, no more"
            )
            return nil
        }
        self.kind = kind
        self.table = compiler.phrase(table)
        self.key = compiler.phrase(key)
        arguments = compiler.phrases(texts)
        guard complaints(texts, &compiler) else { return nil }
    }

    /// False where an argument that no message changes makes no sense.
    private func complaints(_ texts: [SyntaxNode.Text], _ compiler: inout Compiler) -> Bool {
        for (index, phrase) in arguments.enumerated() {
            guard let constant = phrase.constant, !suits(constant, at: index) else { continue }
            compiler.mistakes.add(
                texts[index].range,
                "\(MistakeList.quoted(constant)) stands where \"\(kind.rawValue)\" takes "
                    + kind.arguments[index],
                help: "write \(kind.arguments[index])")
            return false
        }
        return true
    }

    private func suits(_ text: [UInt8], at index: Int) -> Bool {
        switch kind {
        case .test: MeterComparison(text) != nil
        case .adjust: MeterComparison.number(text) != nil
        case .adjustAndTest:
            index == 0 ? MeterComparison.number(text) != nil : MeterComparison(text) != nil
        case .throttle, .query, .greylisting, .store, .remove, .fetch: true
        }
    }
}

/// `=5`, `>5`, `>=5`, `<5`, `<=5`.
struct MeterComparison: Sendable {
    private let relation: Relation
    private let bound: Int64

    init?(_ text: [UInt8]) {
        let sign = text.prefix { [0x3C, 0x3D, 0x3E].contains($0) }
        switch String(decoding: sign, as: UTF8.self) {
        case "=": relation = .eq
        case ">": relation = .gt
        case ">=": relation = .ge
        case "<": relation = .lt
        case "<=": relation = .le
        default: return nil
        }
        guard let bound = Self.number(Array(text.dropFirst(sign.count))) else { return nil }
        self.bound = bound
    }

    /// Digits with an optional sign.
    static func number(_ text: [UInt8]) -> Int64? { Int64(String(decoding: text, as: UTF8.self)) }

    func holds(for number: Int64) -> Bool {
        switch relation {
        case .eq: number == bound
        case .ne: number != bound
        case .gt: number > bound
        case .ge: number >= bound
        case .lt: number < bound
        case .le: number <= bound
        }
    }
}
