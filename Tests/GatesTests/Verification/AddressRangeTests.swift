// SPDX-License-Identifier: MIT
import Gates
import Mail
import Testing

@Suite("A range of addresses")
struct AddressRangeTests {
    @Test(
        "is an address, a network or two ends",
        arguments: [
            ("127.0.0.2", ["127.0.0.2"], ["127.0.0.1", "127.0.0.3", "::1"]),
            ("127.0.0.4/30", ["127.0.0.4", "127.0.0.7"], ["127.0.0.3", "127.0.0.8"]),
            ("127.0.0.2-127.0.0.11", ["127.0.0.2", "127.0.0.11"], ["127.0.0.1", "127.0.0.12"]),
            ("192.0.2.77/24", ["192.0.2.0", "192.0.2.255"], ["192.0.3.0"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::"]),
            ("2001:db8::/33", ["2001:db8::", "2001:db8:7fff::1"], ["2001:db8:8000::"]),
        ])
    func contains(text: String, inside: [String], outside: [String]) throws {
        let range = try #require(AddressRange(text))
        for address in inside { #expect(range.contains(Rules.address(address)), "\(address)") }
        for address in outside { #expect(!range.contains(Rules.address(address)), "\(address)") }
        #expect(AddressRange(range.description) == range)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "x", "127.0.0.1/33", "127.0.0.1/-1", "127.0.0.1/", "127.0.0.1/+8", "127.0.0.9-127.0.0.2",
            "127.0.0.1-::1", "127.0.0.1-127.0.0.2-127.0.0.3", "127.0.0.1/8/8", "010.0.0.1", "::/129",
        ])
    func refused(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
