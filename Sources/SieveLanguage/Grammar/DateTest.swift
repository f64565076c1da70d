// SPDX-License-Identifier: MIT

/// RFC 5260 §4, §6:
/// `date [:index n [:last]] [:zone <time-zone: string> / :originalzone] [COMPARATOR] [MATCH-TYPE]
/// <header-name: string> <date-part: string> <key-list: string-list>`
struct DateTest: SieveTest {
    static let usage = Usage(
        name: "date", capabilities: ["date"],
        tags: KeyMatcher.tags + Usage.Tag.index + Zone.tags + [
            .init(name: "originalzone", group: "zone")
        ],
        positional: [
            .init(name: "header name", kind: .string), .init(name: "date part", kind: .string),
            .init(name: "key list", kind: .stringList),
        ])

    /// Which wall's clock is read.
    enum Zone: Sendable {
        case local
        case original
        /// With a variable in it, it is checked when the script runs.
        case named(Phrase)

        static let tags = [Usage.Tag(name: "zone", group: "zone", value: .string)]

        init?(_ arguments: Arguments, _ compiler: inout Compiler) {
            if arguments.has("originalzone") {
                self = .original
            } else if let text = arguments.string(ofTag: "zone") {
                let phrase = compiler.phrase(text)
                if let octets = phrase.constant, DateField.offsetMinutes(octets) == nil {
                    compiler.mistakes.add(
                        text.range, "\(MistakeList.quoted(octets)) is no time zone",
                        help: "write hours and minutes from UTC: \"+0100\"")
                    return nil
                }
                self = .named(phrase)
            } else {
                self = .local
            }
        }
    }

    /// Nil where no field can have that name.
    let name: FieldName?
    let selection: FieldSelection
    let zone: Zone
    let part: DatePart
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0), let part = arguments.string(1) else { return nil }
        self.name = compiler.fieldName(name)
        guard let zone = Zone(arguments, &compiler), let part = DatePart(part, &compiler),
            let selection = compiler.selection(arguments),
            let keys = KeyMatcher(keys: arguments.strings(2), arguments, &compiler)
        else { return nil }
        self.zone = zone
        self.part = part
        self.selection = selection
        self.keys = keys
    }
}
