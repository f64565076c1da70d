// SPDX-License-Identifier: MIT

import FoundationEssentials
import Outbound

/// `queue show` and `held show`.
enum QueueShowing {
    static let discussion = """
        With --json: the keys of a list, and "eight_bit", "trail" (the rules that decided) and "header": its \
        start as the recipients get it, with what isn't printable ASCII written \\xNN. For an id that is \
        gone, {"id","result","next_hop_reply"} says what became of it. `postern case explain` tells the \
        whole story.
        """

    static func run(_ gateway: GatewayOptions, id: String, json: Bool) throws {
        let request = QueueRequest(.show, ids: [id])
        if let complaint = request.complaint { throw CommandFailure.badUsage(complaint) }
        var client = try gateway.connect()
        _ = try client.ask(request) { line in
            if json { return StandardOutput.print(String(decoding: line, as: UTF8.self)) }
            // A line is an entry, or says what became of it.
            if let details = try? JSONDecoder().decode(QueueDetails.self, from: Data(line)) {
                StandardOutput.print(text(details))
            } else {
                StandardOutput.print(
                    QueueActing.text(try JSONDecoder().decode(ActResult.self, from: Data(line))))
            }
        }
    }

    private static func text(_ details: QueueDetails) -> String {
        let row = details.row
        var lines = [
            "entry     \(row.id)", "state     \(row.state)", "from      <\(row.from)>",
            "to        " + row.to.joined(separator: ", "), "channel   \(row.channel)",
            "size      \(row.sizeBytes) octets", "arrived   \(row.arrived)",
        ]
        if row.attempts > 0 { lines.append("attempts  \(row.attempts)") }
        if let next = row.nextAttempt { lines.append("next      \(next)") }
        if !row.reason.isEmpty { lines.append("reason    \(row.reason)") }
        lines.append("case      \(row.case)  (postern case explain \(row.case))")
        let shown = lines.map { TerminalText.visible($0).split(separator: "\n").joined(separator: " ") }
        return shown.joined(separator: "\n") + "\n\n" + TerminalText.visible(details.header)
    }
}
