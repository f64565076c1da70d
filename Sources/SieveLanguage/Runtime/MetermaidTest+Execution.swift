// SPDX-License-Identifier: MIT

internal import Mail

extension MetermaidTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        try execution.carryOut(operation)
    }
}

extension MetermaidCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        _ = try execution.carryOut(operation)
    }
}

extension Execution {
    fileprivate mutating func carryOut(_ operation: MeterOperation) throws(Interruption) -> Bool {
        let table = try text(of: operation.table)
        let key = try text(of: operation.key)
        let arguments = try texts(operation.arguments)
        let asked: MeterQuestion.Operation
        var comparison: MeterComparison?
        switch operation.kind {
        case .throttle: asked = .throttle
        case .query: asked = .query
        case .greylisting: asked = .greylist
        case .fetch: asked = .fetch
        case .remove: asked = .remove
        case .store: asked = .store(String(decoding: arguments[0], as: UTF8.self))
        case .adjust: asked = .adjust(by: try number(arguments[0]))
        case .test:
            asked = .fetch
            comparison = try self.comparison(arguments[0])
        case .adjustAndTest:
            asked = .adjust(by: try number(arguments[0]))
            comparison = try self.comparison(arguments[1])
        }
        let answer = try answer(
            to: .meter(MeterQuestion(table: table, key: Self.meterKey(key), operation: asked)))
        switch (operation.kind, answer) {
        case (.throttle, .meter(.use(_, let isOver))), (.query, .meter(.use(_, let isOver))): return isOver
        case (.greylisting, .meter(.greylist(let state))): return state != .passed
        case (.remove, .meter(.removed)), (.store, .meter(.value)), (.adjust, .meter(.value)): return true
        case (.test, .meter(.value(let value))), (.adjustAndTest, .meter(.value(let value))):
            guard let number = value.flatMap({ Int64($0) }) else { return false }
            return comparison?.holds(for: number) ?? false
        case (.fetch, .meter(.value(let value))):
            guard let value else { return false }
            if keepsMatches { keep(match: FieldValue(value), captures: []) }
            return true
        case (_, .meter(.failed(let reason))), (_, .unavailable(let reason)):
            remark("meter \(table): \(reason)")
            return false
        default:
            remark("meter \(table) answered another question")
            return false
        }
    }

    /// Octets of a key that a meter keeps.
    private static let meterKeyOctetsMax = 1_024

    /// Cut between two characters.
    private static func meterKey(_ text: String) -> String {
        guard text.utf8.count > meterKeyOctetsMax else { return text }
        var octets = Array(text.utf8.prefix(meterKeyOctetsMax))
        while let last = octets.last, last & 0xC0 == 0x80 { octets.removeLast() }
        if let last = octets.last, last >= 0xC0 { octets.removeLast() }
        return String(decoding: octets, as: UTF8.self)
    }

    private func number(_ text: [UInt8]) throws(Interruption) -> Int64 {
        guard let number = MeterComparison.number(text) else {
            throw .fault("\(MistakeList.quoted(text)) is no number that a meter could be adjusted by")
        }
        return number
    }

    private func comparison(_ text: [UInt8]) throws(Interruption) -> MeterComparison {
        guard let comparison = MeterComparison(text) else {
            throw .fault("\(MistakeList.quoted(text)) is no comparison such as \">=5\"")
        }
        return comparison
    }
}
