// SPDX-License-Identifier: MIT

import FoundationEssentials
import Outbound

/// `queue list` and `held list`.
enum QueueListing {
    static let discussion = """
        With --json: {"id","entry","state","from","to","size_bytes","arrived","reason","case","channel",\
        "attempts","next_attempt"} for each entry. "state" is in_flight, waiting or held; "from" is empty \
        for the null sender; times are UTC.
        """

    static func run(_ gateway: GatewayOptions, _ filters: QueueFilters, state: String?) throws {
        var request = QueueRequest(.list)
        request.state = state
        request.channel = filters.channel
        request.from = filters.from
        request.to = filters.to
        request.reason = filters.reason
        if let complaint = request.complaint { throw CommandFailure.badUsage(complaint) }
        var table = PlainTable(["ID", "STATE", "FROM", "TO", "SIZE", "ARRIVED", "CASE", "REASON"])
        var client = try gateway.connect()
        let end = try client.ask(request) { line in
            if filters.json { return StandardOutput.print(String(decoding: line, as: UTF8.self)) }
            let row = try JSONDecoder().decode(QueueRow.self, from: Data(line))
            table.append([
                row.id, row.state, "<\(row.from)>", Self.recipients(row.to), "\(row.sizeBytes)", row.arrived,
                row.case, row.reason,
            ])
        }
        if !filters.json, !table.isEmpty { StandardOutput.print(table.text) }
        if table.isEmpty, end.count == 0 { StandardError.print("postern: nothing there") }
        if end.isTruncated == true {
            StandardError.print(
                "postern: there is more: only the oldest \(end.count ?? 0) are shown; use filters")
        }
    }

    private static func recipients(_ addresses: [String]) -> String {
        addresses.count > 1 ? "\(addresses[0]) +\(addresses.count - 1)" : addresses.first ?? "-"
    }
}
