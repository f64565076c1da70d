// SPDX-License-Identifier: MIT

/// What the comment before a stored rule says: `# $Rule Info: Order=1 Template=vacation Name=Away in May`.
///
/// Sun's directories have the same comment in each rule of a user.
package struct RuleInfo: Hashable, Sendable {
    /// Rules run from the lowest to the highest; 0: the rule is switched off.
    package var order: Int
    /// The template that it was made from; empty where it wasn't made from one.
    package var template: String
    /// What its owner calls it: one line.
    package var name: String

    /// The highest order: rules of one user are counted by hand.
    package static let orderMax = 9_999
    /// Octets of a rule's name, and of a template's: one line of a list shows both.
    package static let nameOctetsMax = 200

    static let mark = "$Rule Info:"

    package init(order: Int, template: String, name: String) {
        self.order = order
        self.template = template
        self.name = name
    }

    /// The comment with or without its `#`; nil where it is another, or its order is no number. What stands
    /// behind `Name=` up to the line's end is the name.
    package init?(comment: String) {
        var rest = Substring(comment).drop { $0 == "#" || $0 == " " || $0 == "\t" }
        guard rest.hasPrefix(Self.mark) else { return nil }
        rest = rest.dropFirst(Self.mark.count)
        var order: Int?
        var template = ""
        var name = ""
        // Each round takes a word off.
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard let equals = rest.firstIndex(of: "=") else { break }
            let key = rest[..<equals].lowercased()
            let behind = rest[rest.index(after: equals)...]
            if key == "name" {
                name = String(behind.reversed().drop(while: \.isWhitespace).reversed())
                break
            }
            let value = behind.prefix { $0 != " " && $0 != "\t" && $0 != "\r" }
            if key == "order" { order = Int(value) }
            if key == "template" { template = String(value) }
            rest = behind.dropFirst(value.count)
        }
        guard let order, (0...Self.orderMax).contains(order) else { return nil }
        self.init(order: order, template: template, name: name)
    }

    /// The comment's line, without its end.
    package var comment: String { "# \(Self.mark) Order=\(order) Template=\(template) Name=\(name)" }

    /// Why `name` can't stand in the comment; nil where it can.
    package static func mistake(inName name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.utf8.count > nameOctetsMax { return "it has more than \(nameOctetsMax) octets" }
        if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "it holds a control character" }
        return nil
    }
}
