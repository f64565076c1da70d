// SPDX-License-Identifier: MIT

/// What an include line names.
enum IncludeName {
    /// The file's name relative to the rules folder; nil where it is empty or leads out of the folder.
    ///
    /// `<IMTA_TABLE:more` is `<more`: the logical name stood for the folder of the mapping file.
    static func resolve(_ line: [UInt8]) -> String? {
        var name = line.dropFirst()
        while name.first?.isColumnSpace == true { name.removeFirst() }
        while name.last?.isColumnSpace == true { name.removeLast() }
        let logical = Array("IMTA_TABLE:".utf8)
        if name.prefix(logical.count).map(\.asciiUppercased) == logical {
            name = name.dropFirst(logical.count)
        }
        if name.starts(with: "./".utf8) { name = name.dropFirst(2) }
        let steps = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard !name.isEmpty, steps.allSatisfy({ !$0.isEmpty && !$0.elementsEqual("..".utf8) }),
            !name.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else { return nil }
        return String(decoding: name, as: UTF8.self)
    }
}
