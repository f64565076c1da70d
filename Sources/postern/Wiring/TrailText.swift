// SPDX-License-Identifier: MIT

import Mail

/// A trail for people: one line for each entry.
enum TrailText {
    static func lines(_ gate: String, _ trail: Trail) -> [String] {
        trail.entries.map { entry in
            let flags = entry.flags.isEmpty ? "" : " $" + entry.flags.joined(separator: "$")
            return "  \(gate): \(entry.rule ?? "-"): \(entry.about): \(entry.result)\(flags)"
        }
    }

    static func print(_ gate: String, _ trail: Trail) {
        guard !trail.entries.isEmpty else { return }
        StandardError.print(TerminalText.visible(lines(gate, trail).joined(separator: "\n")))
    }
}
