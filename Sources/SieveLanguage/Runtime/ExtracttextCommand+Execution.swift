// SPDX-License-Identifier: MIT

extension ExtracttextCommand {
    /// The text of the part at hand, of HTML without its marks; of a part that isn't text, nothing
    /// (RFC 5703 §7).
    func perform(_ execution: inout Execution) throws(Interruption) {
        var octets: [UInt8] = []
        let part = execution.part()
        if part.children.isEmpty, part.contentType.type == "text" {
            var body = try execution.decodedBody(of: part)
            if part.contentType.subtype == "html" { body = PlainText.withoutMarkup(body) }
            let text = String(decoding: body, as: UTF8.self).unicodeScalars
            octets =
                first.map { Array(String(String.UnicodeScalarView(text.prefix($0))).utf8) } ?? Array(body)
        }
        execution.set(variable, to: octets, modifiers)
    }
}
