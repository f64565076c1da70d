// SPDX-License-Identifier: MIT

/// What the reader of a table asks it with and understands of its answers: what checking its entries needs.
package struct TableShape: Hashable, Sendable {
    /// The probe's fields, in order, by the names that people know them by. `|` stands between them.
    package var fields: [String]
    /// How many of the last fields may be missing.
    package var optionalFields: Int
    /// Flags that entries may test.
    package var inputFlags: Set<Character>
    /// Flags with an argument, in the order in which they take it.
    package var arguments: [Argument]
    /// What is left of the text is used even where no flag takes it.
    package var usesRest: Bool

    /// A flag's argument.
    package struct Argument: Hashable, Sendable {
        package var flag: Character
        /// How many `|`-separated parts it has. A text has all that is left, whatever this says.
        package var width: Int
        package var form: Form

        package init(_ flag: Character, width: Int = 1, form: Form = .word) {
            self.flag = flag
            self.width = width
            self.form = form
        }
    }

    /// What an argument must look like.
    package enum Form: String, Hashable, Sendable {
        case word
        /// Digits, perhaps with a minus before them.
        case number
        /// `x`, `x,y` or `x,y,z`: numbers, each of which may be left out.
        case numbers
        /// An enhanced status code (RFC 3463): `5.7.1`.
        case status
        /// The text of a rejection: all that is left.
        case text
        /// All that is left, sent as it is, so that it begins with an SMTP code.
        case reply
    }

    package init(
        fields: [String], optionalFields: Int = 0, inputFlags: Set<Character> = [],
        arguments: [Argument] = [], usesRest: Bool = false
    ) {
        self.fields = fields
        self.optionalFields = optionalFields
        self.inputFlags = inputFlags
        self.arguments = arguments
        self.usesRest = usesRest
    }

    /// How many `|` a probe has.
    var bars: ClosedRange<Int> {
        let most = max(fields.count - 1, 0)
        return max(most - optionalFields, 0)...most
    }
}
