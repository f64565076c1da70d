// SPDX-License-Identifier: MIT

import ArgumentParser
import FoundationEssentials
import Outbound

/// What people do to entries: the ids, and how the results are shown.
struct QueueActing: ParsableArguments {
    static let discussion = """
        With --json: {"id","result","next_hop_reply"} for each entry, and "reason" where the result doesn't \
        say it all. "result" is delivered, deferred, refused, in_progress or already_released; deleted or \
        already_deleted; held or already_held; scheduled; busy, not_possible, not_found or failed. What \
        release could not deliver stays held. Asked twice, an act is done once.
        """

    @Argument(help: "Entries' ids, or messages'.") var ids: [String]
    @Option(
        help:
            "Asked again with the same key, an act is answered, not repeated; by default a new one each time."
    )
    var key: String?
    @Flag(help: "One JSON object a line.") var json = false

    func run(_ verb: QueueRequest.Verb, _ gateway: GatewayOptions, note: String? = nil) throws {
        var request = QueueRequest(verb, ids: ids, key: key ?? Self.newKey())
        request.note = note
        if let complaint = request.complaint { throw CommandFailure.badUsage(complaint) }
        var client = try gateway.connect()
        _ = try client.ask(request) { line in
            if json { return StandardOutput.print(String(decoding: line, as: UTF8.self)) }
            StandardOutput.print(Self.text(try JSONDecoder().decode(ActResult.self, from: Data(line))))
        }
    }

    private static func newKey() -> String {
        "cli-" + String(UInt64.random(in: .min ... .max), radix: 16)
    }

    /// One line for people.
    static func text(_ result: ActResult) -> String {
        var text = "\(result.id)  " + result.result.rawValue.split(separator: "_").joined(separator: " ")
        if let reply = result.nextHopReply { text += "; the next hop said: \(reply)" }
        if let reason = result.reason { text += "; \(reason)" }
        return TerminalText.visible(text).split(separator: "\n").joined(separator: " ")
    }
}
