// SPDX-License-Identifier: MIT

internal import Mail

/// Ours: `defect [COMPARATOR] [MATCH-TYPE] [:anychild] <names: string-list>`. What is wrong with the form of
/// the message, by the names that trails and logs use (`twoBoundaries`); inside a `foreverypart` with that
/// part, and with `:anychild` with those inside it too.
struct DefectTest: SieveTest {
    static let usage = Usage(
        name: "defect", capabilities: [Vocabulary.defect], tags: KeyMatcher.tags + [.init(name: "anychild")],
        positional: [.init(name: "names", kind: .stringList)])

    let isAnyChild: Bool
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        isAnyChild = arguments.has("anychild")
        guard let keys = KeyMatcher(keys: arguments.strings(0), arguments, &compiler) else { return nil }
        self.keys = keys
        guard keys.type == .is else { return }
        for text in arguments.strings(0) {
            guard let constant = compiler.phrase(text).constant else { continue }
            let name = String(decoding: constant, as: UTF8.self)
            guard !MessageDefect.allCases.contains(where: { $0.rawValue.lowercased() == name.lowercased() })
            else { continue }
            compiler.mistakes.warn(
                text.range, "there is no defect \(MistakeList.quoted(constant)): this matches nothing",
                help: "near are " + Self.near(name).map { "\"\($0)\"" }.joined(separator: ", "))
        }
    }

    /// Names that are told as near ones: enough for a slip of the pen.
    private static let nearMax = 3

    private static func near(_ name: String) -> [String] {
        let wanted = Array(name.lowercased().utf8.prefix(64))
        let known = MessageDefect.allCases.map { defect in
            (name: defect.rawValue, distance: distance(wanted, Array(defect.rawValue.lowercased().utf8)))
        }
        return known.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(nearMax).map(\.name)
    }

    /// Octets to insert, remove or exchange to make one of the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (index, octet) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in other.indices {
                let exchanged = diagonal + (octet == other[place] ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(exchanged, row[place] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
