// SPDX-License-Identifier: MIT

/// RFC 5228 §5.4:
/// `envelope [COMPARATOR] [ADDRESS-PART] [MATCH-TYPE] <envelope part: string-list> <key list: string-list>`
struct EnvelopeTest: SieveTest {
    static let usage = Usage(
        name: "envelope", capabilities: ["envelope"], tags: KeyMatcher.tags + Usage.Tag.addressParts,
        positional: [
            .init(name: "envelope part", kind: .stringList), .init(name: "key list", kind: .stringList),
        ])

    /// Compared without case.
    enum Side: String, CaseIterable, Sendable {
        case from
        case to
    }

    let sides: [Side]
    let part: AddressPart
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        var sides: [Side] = []
        var isGood = true
        for name in arguments.strings(0) {
            guard let side = Side(rawValue: String(decoding: name.octets, as: UTF8.self).lowercased()) else {
                compiler.mistakes.add(
                    name.range, "unknown envelope part \(MistakeList.quoted(name.octets))",
                    help: "parts are \"from\" and \"to\"")
                isGood = false
                continue
            }
            sides.append(side)
        }
        guard let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler), isGood else {
            return nil
        }
        self.sides = sides
        self.keys = keys
        part = AddressPart(arguments)
    }
}
