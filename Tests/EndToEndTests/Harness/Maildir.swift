// SPDX-License-Identifier: MIT

import Foundation

/// A folder with a file for each message.
enum Maildir {
    /// The messages, the oldest name first, an octet a character; none where there is no folder yet.
    static func messages(_ folder: String) throws -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return try names.sorted().map { try String(contentsOfFile: folder + "/" + $0, encoding: .isoLatin1) }
    }

    /// What stands behind the header.
    static func body(_ message: String) -> String {
        guard let end = message.range(of: "\r\n\r\n") ?? message.range(of: "\n\n") else { return "" }
        return String(message[end.upperBound...])
    }
}
