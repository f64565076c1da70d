// SPDX-License-Identifier: MIT

/// A score that another program left in a header field, for `spamtest` and `virustest` (RFC 5235).
package struct HeaderScore: Codable, Hashable, Sendable {
    package enum Form: Codable, Hashable, Sendable {
        /// The text is a number; `greatest` is the full score.
        case number
        /// The text's length is the score: a star for each point.
        case length
        /// The text is one of these; each stands for its value.
        case words([String: Int])
    }

    /// The field's name.
    package var field: String
    /// An expression whose first group is the text; nil takes the whole body.
    package var expression: String?
    package var form: Form
    /// Where the full score stands: a number, or in another field.
    package var greatest: Greatest

    package enum Greatest: Codable, Hashable, Sendable {
        case value(Double)
        case field(String, expression: String?)
    }

    package init(field: String, expression: String? = nil, form: Form, greatest: Greatest) {
        self.field = field
        self.expression = expression
        self.form = form
        self.greatest = greatest
    }
}
