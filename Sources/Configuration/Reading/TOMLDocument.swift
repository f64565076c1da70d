// SPDX-License-Identifier: MIT

internal import CTOML

/// A place in the document: lines and columns from 1, columns in characters; the end is the first column
/// after.
struct TOMLRegion: Hashable, Sendable {
    var line: Int
    var column: Int
    var endLine: Int
    var endColumn: Int

    init(line: Int, column: Int, endLine: Int, endColumn: Int) {
        self.line = line
        self.column = column
        self.endLine = endLine
        self.endColumn = endColumn
    }

    init(_ region: ctoml_region) {
        self.init(
            line: Int(region.line), column: Int(region.column), endLine: Int(region.end_line),
            endColumn: Int(region.end_column))
    }
}

/// A key with its value, or an array's element, and where both stand.
struct TOMLNode: Sendable {
    enum Value: Sendable {
        case table([Int])
        case array([Int])
        case string(String)
        case integer(Int)
        case float(Double)
        case boolean(Bool)
        case date

        /// As it reads in "must be a string, not ...".
        var kind: String {
            switch self {
            case .table: "a table"
            case .array: "a list"
            case .string: "a string"
            case .integer: "an integer"
            case .float: "a number with a fraction"
            case .boolean: "true or false"
            case .date: "a date or time"
            }
        }
    }

    /// Empty for an array's element and for the root.
    var key: String
    var keyPlace: TOMLRegion
    var value: Value
    var valuePlace: TOMLRegion
}

/// What a configuration file may cost.
struct TOMLLimits: Sendable {
    /// A large site has a few thousand domains of some 60 octets each.
    var documentOctetsMax = 4 << 20
    /// Tables, arrays and values: ten for each of ten thousand domains and channels.
    var nodesMax = 100_000
    /// `[scanner.clamav]` with a list in it needs 4.
    var nestingMax = 16
}

/// A TOML document (1.0.0) with the place of every key and value, in the order of the file.
///
/// Decision 0004 says why a shim over toml++ reads it: positions of values are what the operator's mistakes
/// need.
struct TOMLDocument: Sendable {
    struct Mistake: Error, Sendable {
        var place: TOMLRegion
        var text: String
    }

    /// The root table is the first.
    let nodes: [TOMLNode]

    /// Only the first mistake of syntax is known: where one key's value ends wrongly, nothing after it is
    /// sure.
    init(parsing bytes: [UInt8], limits: TOMLLimits = TOMLLimits()) throws(Mistake) {
        let noPlace = TOMLRegion(line: 1, column: 1, endLine: 1, endColumn: 1)
        let bounds = ctoml_limits(
            document_octets_max: limits.documentOctetsMax, nodes_max: limits.nodesMax,
            nesting_max: limits.nestingMax)
        guard let document = ctoml_parse(bytes, bytes.count, bounds) else {
            throw Mistake(place: noPlace, text: "there is not enough memory to read it")
        }
        defer { ctoml_free(document) }
        var place = ctoml_region()
        if let error = ctoml_error(document, &place) {
            throw Mistake(place: TOMLRegion(place), text: String(cString: error))
        }
        guard let flat = ctoml_nodes(document) else {
            throw Mistake(place: noPlace, text: "the parser returned nothing")
        }
        let list = UnsafeBufferPointer(start: flat, count: ctoml_count(document))
        var children = [[Int]](repeating: [], count: list.count)
        for (index, node) in list.enumerated() where node.parent >= 0 {
            children[Int(node.parent)].append(index)
        }
        nodes = list.enumerated().map { index, node in
            TOMLNode(
                key: Self.text(node.key, node.key_octets), keyPlace: TOMLRegion(node.key_place),
                value: Self.value(node, children: children[index]), valuePlace: TOMLRegion(node.value_place))
        }
    }

    private static func value(_ node: ctoml_node, children: [Int]) -> TOMLNode.Value {
        switch node.kind {
        case CTOML_TABLE: .table(children)
        case CTOML_ARRAY: .array(children)
        case CTOML_STRING: .string(text(node.text, node.text_octets))
        case CTOML_INTEGER: .integer(Int(node.integer))
        case CTOML_FLOAT: .float(node.real)
        case CTOML_BOOLEAN: .boolean(node.boolean)
        default: .date
        }
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ octets: Int) -> String {
        guard let start else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: octets), as: UTF8.self)
    }
}
