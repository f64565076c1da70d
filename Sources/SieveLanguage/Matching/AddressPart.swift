// SPDX-License-Identifier: MIT

/// Which part of an address is compared (RFC 5228 §2.7.4).
enum AddressPart: String, CaseIterable, Sendable {
    case localpart
    case domain
    case all

    /// The part that a test's tags name; the whole address where they name none.
    init(_ arguments: Arguments) {
        self = AddressPart.allCases.first { arguments.has($0.rawValue) } ?? .all
    }
}
