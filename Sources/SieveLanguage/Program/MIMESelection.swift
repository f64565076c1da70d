// SPDX-License-Identifier: MIT

/// RFC 5703 §4: `[:mime] [:anychild] [:type / :subtype / :contenttype / :param <param-list: string-list>]`
struct MIMESelection: Sendable {
    enum Aspect: Sendable {
        /// The field as a whole.
        case body
        case type
        case subtype
        case contentType
        /// Values of the parameters of these names.
        case parameters([Phrase])
    }

    let isAnyChild: Bool
    let aspect: Aspect

    static let tags = [
        Usage.Tag(name: "mime", capability: "mime"), Usage.Tag(name: "anychild", capability: "mime"),
    ]
    static let aspectTags = [
        Usage.Tag(name: "type", group: "MIME option", capability: "mime"),
        Usage.Tag(name: "subtype", group: "MIME option", capability: "mime"),
        Usage.Tag(name: "contenttype", group: "MIME option", capability: "mime"),
        Usage.Tag(name: "param", group: "MIME option", value: .stringList, capability: "mime"),
    ]

    /// Nil where `:mime` isn't given: then the message's own header is meant.
    static func read(_ arguments: Arguments, _ compiler: inout Compiler) -> MIMESelection? {
        guard arguments.has("mime") else {
            guard compiler.hasMIME else { return nil }
            for tag in ["anychild", "type", "subtype", "contenttype", "param"] {
                guard let range = arguments.range(ofTag: tag) else { continue }
                compiler.mistakes.add(
                    range, "\":\(tag)\" stands without \":mime\"", help: "write :mime before it")
            }
            return nil
        }
        let aspect: Aspect =
            if arguments.has("type") {
                .type
            } else if arguments.has("subtype") {
                .subtype
            } else if arguments.has("contenttype") {
                .contentType
            } else if arguments.has("param") {
                .parameters(compiler.phrases(arguments.strings(ofTag: "param")))
            } else {
                .body
            }
        return MIMESelection(isAnyChild: arguments.has("anychild"), aspect: aspect)
    }
}
