// SPDX-License-Identifier: MIT

/// The addresses of a header field such as `To` (RFC 5322 §3.4, obsolete forms of §4.4 included).
package struct AddressList: Sendable, Hashable {
    /// In the order of the field; members of groups stand where their group does.
    package let addresses: [HeaderAddress]
    package let defects: [MessageDefect]

    /// Reads an unfolded field body. What is no address is left out, with a defect; `<>` is an address whose
    /// parts are empty; a name without `@` is an address without a domain.
    package static func parse(_ body: [UInt8], limits: MessageLimits = .init()) -> AddressList {
        var reader = AddressReader(body, limits: limits)
        return reader.read()
    }
}
