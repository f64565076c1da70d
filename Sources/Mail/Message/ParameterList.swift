// SPDX-License-Identifier: MIT

/// The parameters of a `Content-Type` or `Content-Disposition` field (RFC 2045 §5.1, RFC 2183 §2),
/// continuations and charsets of RFC 2231 undone.
package struct ParameterList: Sendable, Hashable {
    package struct Parameter: Sendable, Hashable {
        /// Lower case, without RFC 2231's asterisks.
        package let name: String
        /// The octets that the value stands for, in whatever charset.
        package let octets: [UInt8]
        /// In UTF-8. It may hold any character, NUL and line ends included.
        package let value: String
        /// Written as RFC 2231 says: its charset was known, encoded words in it mean nothing.
        package let isExtended: Bool
        /// Written as RFC 2045 says, without sections or a charset.
        let isPlain: Bool
    }

    /// In the order in which the names first occur; each name once.
    package let parameters: [Parameter]
    package let defects: [MessageDefect]
    /// Names with two different values.
    let contradicted: [String]

    /// The value of the parameter of that lower-case name.
    package subscript(_ name: String) -> String? { parameter(name)?.value }

    func parameter(_ name: String) -> Parameter? { parameters.first { $0.name == name } }

    static let empty = ParameterList(parameters: [], defects: [], contradicted: [])

    /// Reads `; name=value; ...` from `cursor` to the end of the field.
    static func parse(_ cursor: inout HeaderCursor, limits: MessageLimits) -> ParameterList {
        var reader = ParameterReader(limits: limits)
        reader.readSegments(&cursor)
        return reader.assemble()
    }
}
