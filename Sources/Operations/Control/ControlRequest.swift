// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// One request on the control socket: a JSON object on a line of its own.
struct ControlRequest: Equatable {
    enum Command: Equatable {
        case ask(DispatcherAct)
        /// A line for outbound, without its end.
        case outbound([UInt8])
    }

    let command: Command

    init(parsing line: [UInt8]) throws(ControlRequestError) {
        let head: Head
        do {
            head = try JSONDecoder().decode(Head.self, from: Data(line))
        } catch {
            throw ControlRequestError(text: "the request isn't a JSON object with a \"command\"")
        }
        if let act = DispatcherAct(rawValue: head.command) {
            command = .ask(act)
        } else if head.command == "outbound" {
            guard let range = RawMember.object("request", in: line) else {
                throw ControlRequestError(text: "\"outbound\" needs a \"request\" that is a JSON object")
            }
            command = .outbound(Array(line[range]))
        } else {
            throw ControlRequestError(text: "no such command; there are status, reload, stop and outbound")
        }
    }

    private struct Head: Decodable { var command: String }
}

/// What is wrong with a request. For whoever sent it.
struct ControlRequestError: Error, Equatable {
    let text: String
}
