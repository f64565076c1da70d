// SPDX-License-Identifier: MIT

internal import Mail

/// One table of the document while it is read, key by key. A wrong value gets a complaint and stands at its
/// default, so that reading goes on and finds the next mistake. `close` complains of the keys that nobody
/// asked for.
struct TableReader {
    let reading: DocumentReading
    /// `limits`, `channel.inside`; empty for the root.
    let path: String
    /// As `path`, with `NAME` for names that the operator chose.
    private let pattern: String
    /// Where the table itself stands; nil if the file doesn't have it.
    let place: TOMLRegion?
    private let children: [Int]
    private var asked: [String] = []

    /// The root.
    init(_ reading: DocumentReading) {
        var children: [Int] = []
        if let root = reading.document.nodes.first, case .table(let list) = root.value { children = list }
        self.init(reading, path: "", pattern: "", place: nil, children: children)
    }

    private init(
        _ reading: DocumentReading, path: String, pattern: String, place: TOMLRegion?, children: [Int]
    ) {
        self.reading = reading
        self.path = path
        self.pattern = pattern
        self.place = place
        self.children = children
    }

    var isPresent: Bool { place != nil }

    // MARK: Single values

    /// A string that has no default: complains where it is missing, with `example` as the line to add.
    mutating func required(_ key: String, example: String) -> Located<String>? {
        let said = string(key)
        if said == nil, !has(key) { missing(key, example: example) }
        return said
    }

    mutating func string(_ key: String) -> Located<String>? {
        guard let node = find(key) else { return nil }
        guard case .string(let text) = node.value else {
            return wrongType(key, node, expected: "a string", example: "\"...\"")
        }
        return Located(value: text, place: node.valuePlace)
    }

    mutating func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        guard let node = find(key) else { return standard }
        guard case .integer(let number) = node.value else {
            wrongType(key, node, expected: "an integer", example: "\(standard)", as: Int.self)
            return standard
        }
        guard range.contains(number) else {
            outOfRange(key, node, said: "\(number)", "\(range.lowerBound)", "\(range.upperBound)")
            return standard
        }
        return number
    }

    mutating func flag(_ key: String, default standard: Bool) -> Bool {
        guard let node = find(key) else { return standard }
        guard case .boolean(let flag) = node.value else {
            return wrongType(key, node, expected: "true or false", example: "\(standard)", as: Bool.self)
                ?? standard
        }
        return flag
    }

    /// Where a key of this table stands; nil if it doesn't.
    func place(of key: String) -> TOMLRegion? {
        let nodes = reading.document.nodes
        return children.first { nodes[$0].key == key }.map { nodes[$0].keyPlace }
    }

    /// Octets: an integer, or a string with a unit.
    mutating func size(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        guard let node = find(key) else { return standard }
        return quantity(
            key, node, standard, range, parse: Quantity.octets, describe: Quantity.describe(octets:),
            expected: "a size: octets, or a string such as \"512K\", \"10M\" or \"2G\"")
    }

    /// Seconds: an integer, or a string with a unit.
    mutating func duration(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        guard let node = find(key) else { return standard }
        return quantity(
            key, node, standard, range, parse: Quantity.seconds, describe: Quantity.describe(seconds:),
            expected: "a duration: seconds, or a string such as \"30s\", \"15m\", \"1h\" or \"5d\"")
    }

    /// One of a fixed set of words.
    mutating func word<Word: RawRepresentable & CaseIterable & Sendable>(
        _ key: String, default standard: Word
    ) -> Word where Word.RawValue == String {
        guard let said = string(key) else { return standard }
        return word(said, name: name(key)) ?? standard
    }

    /// The word that `said` stands for, or nil and a complaint.
    func word<Word: RawRepresentable & CaseIterable>(
        _ said: Located<String>, name: String
    ) -> Word? where Word.RawValue == String {
        if let word = Word(rawValue: said.value) { return word }
        let words = Word.allCases.map(\.rawValue)
        let known = words.map { "\"\($0)\"" }.joined(separator: ", ")
        let near = Nearness.nearest(to: said.value, among: words).map { "did you mean \"\($0)\"? " } ?? ""
        reading.complain(
            at: said.place, "\(name) can't be \"\(said.value)\"", help: "\(near)it takes one of \(known)"
        )
        return nil
    }

    // MARK: Lists

    /// Nil where the key is missing, so that an empty list can differ from none.
    mutating func strings(_ key: String, countMax: Int) -> [Located<String>]? {
        guard let node = find(key) else { return nil }
        guard case .array(let indexes) = node.value else {
            return wrongType(key, node, expected: "a list of strings", example: "[\"...\"]")
        }
        guard indexes.count <= countMax else {
            reading.complain(
                at: node.keyPlace, "\(name(key)) has \(indexes.count) elements; \(countMax) are allowed",
                help: "shorten the list")
            return nil
        }
        return indexes.compactMap { index in
            let element = reading.document.nodes[index]
            guard case .string(let text) = element.value else {
                return wrongType(
                    key, element, expected: "a list of strings", example: "[\"...\"]", isElement: true)
            }
            return Located(value: text, place: element.valuePlace)
        }
    }

    /// Seconds of each element; nil where the key is missing or nothing in it could be read.
    mutating func durations(_ key: String, countMax: Int, in range: ClosedRange<Int>) -> [Int]? {
        guard let node = find(key) else { return nil }
        let expected = "a list of durations: seconds, or strings such as \"15m\" or \"1h\""
        guard case .array(let indexes) = node.value else {
            return wrongType(key, node, expected: expected, example: "[\"15m\", \"1h\"]")
        }
        guard (1...countMax).contains(indexes.count) else {
            reading.complain(
                at: node.keyPlace, "\(name(key)) has \(indexes.count) elements; 1 to \(countMax) are allowed",
                help: "write \(key) = [\"15m\", \"1h\"]")
            return nil
        }
        return indexes.map { index in
            quantity(
                key, reading.document.nodes[index], range.lowerBound, range, parse: Quantity.seconds,
                describe: Quantity.describe(seconds:), expected: expected)
        }
    }

    // MARK: Tables

    mutating func table(_ key: String) -> TableReader {
        guard let node = find(key) else { return child(key, pattern: key, place: nil, children: []) }
        guard case .table(let children) = node.value else {
            reading.complain(
                at: node.keyPlace, "\(name(key)) must be a table, not \(node.value.kind)",
                help: "write [\(join(path, key))] on a line of its own, and the keys below it")
            return child(key, pattern: key, place: nil, children: [])
        }
        return child(key, pattern: key, place: node.keyPlace, children: children)
    }

    /// `[[key]]`, in the order of the file.
    mutating func tables(_ key: String) -> [TableReader] {
        guard let node = find(key) else { return [] }
        let help = "write [[\(join(path, key))]] on a line of its own, once for each, and the keys below it"
        guard case .array(let indexes) = node.value else {
            reading.complain(
                at: node.keyPlace, "\(name(key)) must be a list of tables, not \(node.value.kind)", help: help
            )
            return []
        }
        return indexes.compactMap { index in
            let element = reading.document.nodes[index]
            guard case .table(let children) = element.value else {
                reading.complain(
                    at: element.valuePlace,
                    "\(name(key)) must be a list of tables, not of \(element.value.kind)",
                    help: help)
                return nil
            }
            return child(key, pattern: key, place: element.valuePlace, children: children)
        }
    }

    /// `[key.NAME]`, with names that the operator chose, in the order of the file.
    mutating func namedTables(_ key: String) -> [(name: Located<String>, table: TableReader)] {
        let all = table(key)
        return all.children.compactMap { index in
            let node = reading.document.nodes[index]
            guard case .table(let children) = node.value else {
                reading.complain(
                    at: node.keyPlace, "\(all.name(node.key)) must be a table, not \(node.value.kind)",
                    help: "write [\(join(all.path, node.key))] on a line of its own, and the keys below it")
                return nil
            }
            let table = all.child(node.key, pattern: "NAME", place: node.keyPlace, children: children)
            return (Located(value: node.key, place: node.keyPlace), table)
        }
    }

    /// All keys of the table `key`, chosen by the operator, with string values, in the order of the file.
    mutating func namedStrings(_ key: String) -> [(name: Located<String>, value: Located<String>)] {
        let all = table(key)
        reading.noteAsked(Self.join(all.pattern, "NAME"))
        return all.children.compactMap { index in
            let node = reading.document.nodes[index]
            guard case .string(let text) = node.value else {
                reading.complain(
                    at: node.valuePlace, "\(all.name(node.key)) must be a string, not \(node.value.kind)",
                    help: "write \"\(node.key)\" = \"...\"")
                return nil
            }
            return (
                Located(value: node.key, place: node.keyPlace), Located(value: text, place: node.valuePlace)
            )
        }
    }

    // MARK: Complaints

    /// Complains of every key that was in the table and not asked for.
    func close() {
        for index in children {
            let node = reading.document.nodes[index]
            guard !asked.contains(node.key) else { continue }
            let isTable = if case .table = node.value { true } else { false }
            let place = path.isEmpty ? "at the top of the file" : "in [\(path)]"
            let message =
                isTable && path.isEmpty
                ? "unknown table [\(node.key)]" : "unknown key \"\(node.key)\" \(place)"
            let known = asked.map { "\"\($0)\"" }.joined(separator: ", ")
            let near = Nearness.nearest(to: node.key, among: asked).map { "did you mean \"\($0)\"? " } ?? ""
            reading.complain(at: node.keyPlace, message, help: "\(near)known here: \(known)")
        }
    }

    /// Complains that a key which has no default is missing.
    func missing(_ key: String, example: String) {
        let at = place ?? TOMLRegion(line: 1, column: 1, endLine: 1, endColumn: 2)
        reading.complain(
            at: at, "\(name(key)) is missing",
            help: path.isEmpty ? "add \(example)" : "add \(example) under [\(path)]")
    }

    /// `limits.recipients`, as it reads in a message.
    func name(_ key: String) -> String { join(path, key) }

    private func has(_ key: String) -> Bool {
        children.contains { reading.document.nodes[$0].key == key }
    }

    private mutating func find(_ key: String) -> TOMLNode? {
        asked.append(key)
        reading.noteAsked(Self.join(pattern, key))
        let nodes = reading.document.nodes
        return children.first { nodes[$0].key == key }.map { nodes[$0] }
    }

    private func child(_ key: String, pattern: String, place: TOMLRegion?, children: [Int]) -> TableReader {
        TableReader(
            reading, path: join(path, key), pattern: Self.join(self.pattern, pattern), place: place,
            children: children)
    }

    private func join(_ path: String, _ key: String) -> String {
        let isBare = !key.isEmpty && key.utf8.allSatisfy(Self.isBare)
        return Self.join(path, isBare ? key : "\"\(key)\"")
    }

    private static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    @discardableResult
    private func wrongType<Value>(
        _ key: String, _ node: TOMLNode, expected: String, example: String, isElement: Bool = false,
        as: Value.Type = Value.self
    ) -> Value? {
        reading.complain(
            at: node.valuePlace,
            isElement
                ? "an element of \(name(key)) is \(node.value.kind); it must be \(expected)"
                : "\(name(key)) must be \(expected), not \(node.value.kind)",
            help: "write \(key) = \(example)")
        return nil
    }

    private func outOfRange(_ key: String, _ node: TOMLNode, said: String, _ least: String, _ most: String) {
        reading.complain(
            at: node.valuePlace, "\(name(key)) is \(said); it must be from \(least) to \(most)",
            help: "write a value from \(least) to \(most)")
    }

    private func quantity(
        _ key: String, _ node: TOMLNode, _ standard: Int, _ range: ClosedRange<Int>, parse: (String) -> Int?,
        describe: (Int) -> String, expected: String
    ) -> Int {
        let number: Int?
        switch node.value {
        case .integer(let given): number = given
        case .string(let text): number = parse(text)
        default: number = nil
        }
        guard let number else {
            var said = node.value.kind
            if case .string(let text) = node.value { said = "\"\(text)\"" }
            reading.complain(
                at: node.valuePlace, "\(name(key)) must be \(expected), not \(said)",
                help: "the default is \(describe(standard))")
            return standard
        }
        guard range.contains(number) else {
            outOfRange(
                key, node, said: describe(number), describe(range.lowerBound), describe(range.upperBound))
            return standard
        }
        return number
    }
}
