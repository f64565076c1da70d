// SPDX-License-Identifier: MIT

/// RFC 7352 §3: `duplicate [:handle <handle: string>] [:header <header-name: string> /
/// :uniqueid <value: string>] [:seconds <timeout: number>] [:last]`
struct DuplicateTest: SieveTest {
    static let usage = Usage(
        name: "duplicate", capabilities: ["duplicate"],
        tags: [
            .init(name: "handle", value: .string),
            .init(name: "header", group: "unique id", value: .string),
            .init(name: "uniqueid", group: "unique id", value: .string),
            .init(name: "seconds", value: .number), .init(name: "last"),
        ])

    enum Identity: Sendable {
        /// Nil where no field can have that name.
        case field(FieldName?)
        case value(Phrase)
    }

    /// §3.1 leaves it to us; a week is what others take.
    private static let standardSeconds = 604_800

    let handle: Phrase?
    let identity: Identity
    let seconds: Int
    let isLast: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        handle = arguments.string(ofTag: "handle").map { compiler.phrase($0) }
        if let value = arguments.string(ofTag: "uniqueid") {
            identity = .value(compiler.phrase(value))
        } else {
            let name = arguments.string(ofTag: "header")
            identity = .field(
                compiler.fieldName(
                    name ?? .init(octets: Array("message-id".utf8)[...], range: arguments.nameRange)))
        }
        // A longer one than we keep is cut to ours, as §3.1 allows.
        seconds = min(
            arguments.number(ofTag: "seconds") ?? Self.standardSeconds, compiler.limits.rememberedSecondsMax)
        isLast = arguments.has("last")
    }
}
