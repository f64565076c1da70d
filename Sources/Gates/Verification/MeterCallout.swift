// SPDX-License-Identifier: MIT

internal import Mail

/// The `check_metermaid` callouts: one operation on a meter (`[meter.NAME]`), or two; and `conn_throttle`,
/// which came before them.
///
/// Arguments are separated by commas. The table comes first and may not hold one; a key may, because it often
/// comes from outside: what follows it is taken from the end.
struct MeterCallout: Sendable {
    static let image = "check_metermaid"
    static let routines: Set<String> = [
        "throttle", "greylisting", "adjust", "store", "remove", "adjust_and_test", "test", "fetch", "query",
    ]
    static let connectionImage = "conn_throttle"
    static let connectionRoutines: Set<String> = ["throttle"]
    /// The meter that `conn_throttle` counts with: its argument names none.
    static let connectionMeter = "conn_throttle"

    /// When the callout succeeds, and what it then puts in.
    private enum Reading: Sendable {
        /// Over its quota.
        case isOver
        /// More uses than this in the table's time.
        case usesOver(Int64)
        case mustWait
        /// The operation worked.
        case worked
        /// The number that the key holds passes.
        case number(Comparison)
        /// The key holds something, which is put in.
        case value
    }

    private let question: MeterQuestion
    private let reading: Reading
    private var isAsked = false

    /// Nil where the routine isn't ours or the argument makes no sense.
    init?(_ callout: Callout) {
        let table: String
        var key: String
        let operation: MeterQuestion.Operation
        if callout.image == Self.connectionImage {
            // `ip,max-rate`
            guard callout.routine == "throttle", let (address, rate) = Self.cut(callout.argument),
                let most = Self.number(rate)
            else { return nil }
            (table, key, operation, reading) = (Self.connectionMeter, address, .throttle, .usesOver(most))
        } else {
            guard callout.image == Self.image else { return nil }
            let halves = CalloutText.split(callout.argument, at: UInt8(ascii: ","), most: 2)
            guard halves.count == 2, !halves[0].isEmpty else { return nil }
            table = halves[0]
            key = halves[1]
            switch callout.routine {
            case "throttle": (operation, reading) = (.throttle, .isOver)
            case "query": (operation, reading) = (.query, .isOver)
            case "greylisting": (operation, reading) = (.greylist, .mustWait)
            case "remove": (operation, reading) = (.remove, .worked)
            case "fetch": (operation, reading) = (.fetch, .value)
            case "test":
                guard let expression = Self.takeLast(of: &key), let test = Comparison(expression) else {
                    return nil
                }
                (operation, reading) = (.fetch, .number(test))
            case "adjust":
                guard let amount = Self.takeLast(of: &key).flatMap(Self.number) else { return nil }
                (operation, reading) = (.adjust(by: amount), .worked)
            case "store":
                guard let value = Self.takeLast(of: &key) else { return nil }
                (operation, reading) = (.store(value), .worked)
            case "adjust_and_test":
                guard let expression = Self.takeLast(of: &key), let test = Comparison(expression),
                    let amount = Self.takeLast(of: &key).flatMap(Self.number)
                else { return nil }
                (operation, reading) = (.adjust(by: amount), .number(test))
            default: return nil
            }
        }
        question = MeterQuestion(table: table, key: key, operation: operation)
    }

    mutating func next(_ answers: [Answer]) -> CalloutRun.Step {
        guard isAsked else {
            isAsked = true
            return .ask([.meter(question)])
        }
        switch answers.first {
        case .meter(let answer): return read(answer)
        case .unavailable(let reason): return failed(reason)
        default: return failed("the answer is no meter's")
        }
    }

    private func read(_ answer: MeterAnswer) -> CalloutRun.Step {
        switch (reading, answer) {
        case (_, .failed(let reason)):
            return failed(reason)
        case (.isOver, .use(let count, let isOver)):
            return .done(
                isOver ? "" : nil, note: "meter \(question.table): \(count)\(isOver ? ", over" : "")")
        case (.usesOver(let most), .use(let count, _)):
            return .done(count > most ? "" : nil, note: "meter \(question.table): \(count) of \(most)")
        case (.mustWait, .greylist(.passed)):
            return .done(nil, note: "meter \(question.table): passed")
        case (.mustWait, .greylist(.new(let wait))), (.mustWait, .greylist(.early(let wait))):
            return .done("", note: "meter \(question.table): wait \(wait) s")
        case (.worked, .value), (.worked, .removed):
            return .done("", note: nil)
        case (.number(let test), .value(let value)):
            guard let value, let number = Self.number(value) else {
                return .done(nil, note: "meter \(question.table): the key holds no number")
            }
            return .done(test.holds(for: number) ? "" : nil, note: "meter \(question.table): \(number)")
        case (.value, .value(let value)):
            return .done(value.map(CalloutText.quoting), note: nil)
        default:
            return failed("it answers another question")
        }
    }

    private func failed(_ reason: String) -> CalloutRun.Step {
        .done(nil, note: "meter \(question.table) failed: \(reason)")
    }

    /// Takes what follows the last comma off `text`; nil where there is none.
    private static func takeLast(of text: inout String) -> String? {
        guard let (rest, last) = cut(text) else { return nil }
        text = rest
        return last
    }

    private static func cut(_ text: String) -> (String, String)? {
        guard let comma = text.utf8.lastIndex(of: UInt8(ascii: ",")) else { return nil }
        return (String(text[..<comma]), String(text[text.utf8.index(after: comma)...]))
    }

    /// Decimal digits with an optional sign, spaces around them allowed.
    private static func number(_ text: String) -> Int64? {
        let bytes = Array(text.utf8).drop { $0 == 0x20 }
        let trimmed = bytes.prefix(bytes.lastIndex { $0 != 0x20 }.map { $0 - bytes.startIndex + 1 } ?? 0)
        return Int64(String(decoding: trimmed, as: UTF8.self))
    }

    /// `=5`, `>5`, `>=5`, `<5`, `<=5`.
    private struct Comparison: Sendable {
        private enum Relation: Sendable { case equal, more, atLeast, less, atMost }

        private let relation: Relation
        private let bound: Int64

        init?(_ text: String) {
            let sign = text.utf8.prefix { [0x3C, 0x3D, 0x3E, 0x20].contains($0) }
            switch String(decoding: sign.filter { $0 != 0x20 }, as: UTF8.self) {
            case "=": relation = .equal
            case ">": relation = .more
            case ">=": relation = .atLeast
            case "<": relation = .less
            case "<=": relation = .atMost
            default: return nil
            }
            guard let bound = MeterCallout.number(String(Substring(text.utf8.dropFirst(sign.count)))) else {
                return nil
            }
            self.bound = bound
        }

        func holds(for number: Int64) -> Bool {
            switch relation {
            case .equal: number == bound
            case .more: number > bound
            case .atLeast: number >= bound
            case .less: number < bound
            case .atMost: number <= bound
            }
        }
    }
}
