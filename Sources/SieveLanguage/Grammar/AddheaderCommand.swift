// SPDX-License-Identifier: MIT

/// RFC 5293 §4: `addheader [:last] <field-name: string> <value: string>`
struct AddheaderCommand: SieveCommand {
    static let usage = Usage(
        name: "addheader", capabilities: ["editheader"], tags: [.init(name: "last")],
        positional: [.init(name: "field name", kind: .string), .init(name: "value", kind: .string)])

    let name: Phrase
    let value: Phrase
    let isLast: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0), let value = arguments.string(1),
            let text = compiler.text(value, naming: "value")
        else { return nil }
        self.name = compiler.phrase(name)
        self.value = text
        isLast = arguments.has("last")
        if let constant = text.constant, !FieldText.isValue(constant) {
            compiler.mistakes.add(
                value.range, "the value \(MistakeList.quoted(constant)) can't stand in a header field",
                help: "take control characters out; a line end is a fold, and may stay")
            return nil
        }
        let octets = (self.name.constant?.count ?? 0) + (text.constant?.count ?? 0)
        guard octets <= compiler.limits.addedHeaderOctetsMax else {
            compiler.mistakes.add(
                value.range,
                "the header field would have \(octets) octets; at most "
                    + "\(compiler.limits.addedHeaderOctetsMax) are taken",
                help: "shorten it, or add several fields")
            return nil
        }
        guard let constant = self.name.constant, !Compiler.isFieldName(constant) else { return }
        compiler.mistakes.add(
            name.range, "no header field can be named \(MistakeList.quoted(constant))",
            help: "field names are printable ASCII without blanks and colons")
        return nil
    }
}
