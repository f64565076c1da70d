// SPDX-License-Identifier: MIT

/// Text on its way to a terminal. File names, probes and messages come from outside and could hold what moves
/// a cursor or renames a window.
enum TerminalText {
    /// Controls and formatting characters, line ends excepted, are shown as `?`.
    static func visible(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar != "\n", .format, .lineSeparator, .paragraphSeparator: view.append("?")
            default: view.append(scalar)
            }
        }
        return String(view)
    }
}
