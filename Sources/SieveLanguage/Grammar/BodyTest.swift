// SPDX-License-Identifier: MIT

/// RFC 5173 §4: `body [COMPARATOR] [MATCH-TYPE] [:raw / :content <content-types: string-list> / :text]
/// <key-list: string-list>`
struct BodyTest: SieveTest {
    static let usage = Usage(
        name: "body", capabilities: ["body"],
        tags: KeyMatcher.tags + [
            .init(name: "raw", group: "body transform"),
            .init(name: "content", group: "body transform", value: .stringList),
            .init(name: "text", group: "body transform"),
        ],
        positional: [.init(name: "key list", kind: .stringList)])

    enum Transform: Sendable {
        case raw
        case content([Phrase])
        case text
    }

    let transform: Transform
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        if arguments.has("raw") {
            transform = .raw
        } else if arguments.has("content") {
            transform = .content(compiler.phrases(arguments.strings(ofTag: "content")))
        } else {
            transform = .text
        }
        guard let keys = KeyMatcher(keys: arguments.strings(0), arguments, &compiler) else { return nil }
        self.keys = keys
    }
}
