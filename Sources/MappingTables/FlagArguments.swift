// SPDX-License-Identifier: MIT

/// The arguments of output flags, taken from the text that a table gave.
///
/// A table's text holds the arguments of its flags one after the other, `|` between them, in the order that
/// the table's documentation lists the flags in, wherever in the template they stand: `$N$D30|no`,
/// `30|$N$Dno` and `30|no$D$N` are one and the same. Flags that aren't set take nothing.
package struct FlagArguments: Hashable, Sendable {
    /// What is left once every other flag had its argument: the text of a rejection, `|` and all, or a
    /// table's result.
    package let rest: String
    private let arguments: [Character: String]

    /// Flags whose argument is all the rest, because it is text for people. They come last.
    package static let textFlags: Set<Character> = ["N", "F"]

    /// - Parameters:
    ///   - order: the flags that take an argument, in the documented order, letters in upper case. Those of
    ///     `textFlags` among them take the rest.
    ///   - widths: how many `|`-separated parts an argument has, where that isn't one.
    package init(_ outcome: TableOutcome, order: [Character], widths: [Character: Int] = [:]) {
        let taking = order.filter(outcome.has)
        var arguments: [Character: String] = [:]
        var left: Substring? = outcome.output.isEmpty ? nil : outcome.output[...]
        for flag in taking where !Self.textFlags.contains(flag) {
            guard let text = left else { break }
            let parts = text.utf8.split(
                separator: UInt8(ascii: "|"), maxSplits: max(1, widths[flag] ?? 1),
                omittingEmptySubsequences: false)
            let width = min(max(1, widths[flag] ?? 1), parts.count)
            let end = parts[width - 1].endIndex
            arguments[flag] = String(text[..<end])
            left = parts.count > width ? text[parts[width].startIndex...] : nil
        }
        rest = left.map(String.init) ?? ""
        if let left {
            for flag in taking where Self.textFlags.contains(flag) { arguments[flag] = String(left) }
        }
        self.arguments = arguments
    }

    /// The argument of `flag`, perhaps empty; nil where the flag isn't set or takes none, and where the text
    /// ended before its turn. Letters without regard to case.
    package subscript(flag: Character) -> String? {
        guard let octet = flag.asciiValue else { return nil }
        return arguments[Character(Unicode.Scalar(octet.asciiUppercased))]
    }
}
