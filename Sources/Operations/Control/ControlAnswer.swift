// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// The last line of an answer on the control socket, where we say it ourselves.
struct ControlAnswer: Codable, Equatable {
    /// What is wrong and what to do.
    var error: String

    /// As a line.
    static func error(_ text: String) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A string: encoding can't fail.
        guard let data = try? encoder.encode(ControlAnswer(error: text)) else { return Array("{}\n".utf8) }
        return Array(data) + [0x0A]
    }
}
