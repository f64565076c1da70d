// SPDX-License-Identifier: MIT

/// Which part of an address is compared (RFC 5228 §2.7.4, RFC 5233 §4).
enum AddressPart: String, CaseIterable, Sendable {
    case localpart
    case domain
    case all
    /// Before the delimiter; the whole local part where there is none.
    case user
    /// Behind the first delimiter; nothing, not even the empty string, where there is none.
    case detail

    static let tags = allCases.map { part in
        Usage.Tag(
            name: part.rawValue, group: "address part",
            capability: part == .user || part == .detail ? "subaddress" : nil)
    }

    /// The part that a test's tags name; the whole address where they name none.
    init(_ arguments: Arguments) {
        guard arguments.hasTags else {
            self = .all
            return
        }
        self = AddressPart.allCases.first { arguments.has($0.rawValue) } ?? .all
    }
}
