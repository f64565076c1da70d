// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

/// A mapping table that nobody consults. It is a mistake and no harmless leftover: under the name
/// `PORT_ACESS`, every refusal in it is a client admitted.
enum UnusedTable {
    /// A gate asks the table, or some entry calls it, `$|TABLE;argument|`. Names compare without regard to
    /// case.
    static func isConsulted(_ name: String, texts: [String: [UInt8]]) -> Bool {
        let folded = fold(Array(name.utf8))
        if AccessTable.allCases.contains(where: { fold(Array($0.rawValue.utf8)) == folded }) { return true }
        let call = [UInt8(ascii: "$"), UInt8(ascii: "|")] + folded
        return texts.values.contains { hasCall(call, in: $0) }
    }

    static func complaint(_ name: String, texts: [String: [UInt8]]) -> Complaint {
        let gates = AccessTable.allCases.map(\.rawValue)
        let near = Nearness.nearest(to: name, among: gates).map { "did you mean \"\($0)\"? " } ?? ""
        let place = place(of: name, texts: texts)
        return Complaint(
            file: place.file, line: place.line, length: max(1, name.unicodeScalars.count),
            message: "nothing consults table \(name)",
            help: "\(near)tables that gates consult: \(gates.joined(separator: ", "));"
                + " an entry calls any other as $|\(name);argument|")
    }

    private static func hasCall(_ call: [UInt8], in text: [UInt8]) -> Bool {
        var start = text.startIndex
        while let at = text[start...].firstIndex(of: call[0]) {
            if at + call.count < text.count, fold(Array(text[at..<at + call.count])) == call,
                // The character after the name separates it from the argument: `$|INTERNAL_IP2;` is another
                // table.
                !isNamePart(text[at + call.count])
            {
                return true
            }
            start = at + 1
        }
        return false
    }

    /// The line on which the table begins: its name alone, in the first column.
    private static func place(of name: String, texts: [String: [UInt8]]) -> RulePlace {
        let wanted = fold(Array(name.utf8))
        for (file, text) in texts.sorted(by: { $0.key < $1.key }) {
            let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.count >= wanted.count {
                let rest = line.dropFirst(wanted.count)
                guard rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { continue }
                if fold(Array(line.prefix(wanted.count))) == wanted {
                    return RulePlace(file: file, line: index + 1)
                }
            }
        }
        return RulePlace(file: "mappings", line: 1)
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func fold(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }
    }
}
