// SPDX-License-Identifier: MIT

internal import Mail

/// What the answer to a DNS list's question means (RFC 5782 §2.1).
enum DNSListAnswer: Sendable, Equatable {
    case notListed
    /// An answer within 127/8.
    case listed(IPAddress)
    /// The list, or the resolver, didn't answer the question. The text says how: "timed out".
    case sick(String)

    /// `answers`: those that count; empty: all of them.
    init(_ answer: DNSAnswer, counting answers: [AddressRange] = []) {
        switch answer {
        case .noData, .noSuchName: self = .notListed
        case .failed(let reason): self = .sick("failed: \(reason)")
        case .timedOut: self = .sick("timed out")
        case .records(let records, _):
            let addresses = records.compactMap { IPAddress($0) }
            // What is outside 127/8 comes from a resolver that rewrites "no such name", or from whoever took
            // over the domain of a dead list: nothing that stands beside it can be believed either.
            let foreign = addresses.first { !$0.isIPv4 || $0.octets[0] != 127 }
            // 127.255.255/24 is how lists say that they don't answer: a blocked resolver, too many questions.
            let codes = addresses.filter { !Self.isError($0) }
            if let wrong = foreign ?? (codes.isEmpty ? addresses.first : nil) {
                self = .sick("answered \(wrong): an error of the list, not a listing")
            } else if codes.isEmpty {
                self = .sick("answered \"\(records.first ?? "")\": no address")
            } else if let code = codes.first(where: { code in
                answers.isEmpty || answers.contains { $0.contains(code) }
            }) {
                self = .listed(code)
            } else {
                self = .notListed
            }
        }
    }

    private static func isError(_ code: IPAddress) -> Bool {
        code.isIPv4 && code.octets[1] == 255 && code.octets[2] == 255
    }
}
