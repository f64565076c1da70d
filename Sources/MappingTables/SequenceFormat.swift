// SPDX-License-Identifier: MIT
internal import Mail

/// `$#file|radix|width|m#`: a sequence, and how its next number is written.
struct SequenceFormat: Equatable, Sendable {
    let name: String
    /// 2 to 36, or -36 to -2.
    let radix: Int
    /// Zeros are put before a number with fewer digits.
    let width: Int
    let modulus: Int64?

    /// Digits at most: a 64-bit number has 63 in radix 2.
    static let widthMax = 64
    /// Octets of a sequence's name: it is a file's.
    static let nameOctetsMax = 64

    var question: Question { .sequence(SequenceQuestion(name: name, modulus: modulus)) }

    /// Digits beyond 9 are capital letters.
    func text(of number: Int64) -> String {
        let digits = String(number, radix: Dialect.digits(ofRadix: radix), uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The format, or what is wrong with `text`, which stands between the two `#`.
    static func parse(_ text: [UInt8]) throws(Mistake) -> SequenceFormat {
        let fields = text.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count <= 4 else {
            throw Mistake("the sequence has \(fields.count) arguments, and four are the most")
        }
        // Folders and logical names stood for the place where the original kept the file.
        let name =
            fields[0].utf8.split(omittingEmptySubsequences: false) {
                $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":")
            }.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard isName(name) else {
            throw Mistake("\"\(name)\" is no name of a sequence: letters, digits, \"_\", \"-\" and \".\"")
        }
        let radix = fields.count > 1 ? Int(fields[1]) : Dialect.radix
        guard let radix, (2...36).contains(radix.magnitude) else {
            throw Mistake("the radix must be 2 to 36, or -36 to -2")
        }
        let width = fields.count > 2 ? Int(fields[2]) : 0
        guard let width, (0...widthMax).contains(width) else {
            throw Mistake("the width must be 0 to \(widthMax) digits")
        }
        let modulus = fields.count > 3 ? Int64(fields[3]) : nil
        guard fields.count < 4 || modulus.map({ $0 > 0 }) == true else {
            throw Mistake("the modulus must be a number from 1 on")
        }
        return SequenceFormat(name: name, radix: radix, width: width, modulus: modulus)
    }

    struct Mistake: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private static func isName(_ name: String) -> Bool {
        (1...nameOctetsMax).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: ".")
            && name.utf8.allSatisfy(TableName.isOctet)
    }
}
