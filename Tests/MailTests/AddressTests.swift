// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("RFC 5321 §4.1.2: envelope addresses")
struct AddressTests {
    @Test("an address is divided at its last @")
    func division() throws {
        let address = try #require(Address("\"a@b\"@Example.org"))
        #expect(address.localPart == "\"a@b\"")
        #expect(address.domain == "Example.org")
        #expect(address.description == "\"a@b\"@Example.org")
        #expect(address.foldedDomain == "example.org")
    }

    @Test("domains compare without case, local parts with it")
    func comparison() {
        #expect(Address("a@EXAMPLE.org") == Address("a@example.ORG"))
        #expect(Address("A@example.org") != Address("a@example.org"))
        #expect(Set([Address("a@EXAMPLE.org"), Address("a@example.ORG")]).count == 1)
    }

    @Test("a bare postmaster has no domain, any other bare name is no address")
    func postmaster() {
        #expect(Address("PostMaster")?.domain == "")
        #expect(Address("PostMaster")?.description == "PostMaster")
        #expect(Address("postmaster@x")?.isPostmaster == true)
        #expect(Address("root") == nil)
    }

    @Test(
        "empty halves, blanks, controls and octets above 127 are refused",
        arguments: ["", "@", "a@", "@b", "a b@c", "a@b\r\n", "a\0@b", "\u{FC}@b", "a@b\u{7F}"])
    func refused(text: String) {
        #expect(Address(text) == nil)
    }

    @Test("254 octets are taken, 255 aren't")
    func length() {
        let domain = "@" + String(repeating: "d", count: 100)
        #expect(Address(String(repeating: "a", count: Address.octetsMax - 101) + domain) != nil)
        #expect(Address(String(repeating: "a", count: Address.octetsMax - 100) + domain) == nil)
    }

    @Test("it survives its record")
    func coding() throws {
        let address = try #require(Address("a@b.example"))
        #expect(try JSONRoundTrip.of(address) == address)
        let envelope = Envelope(sender: nil, recipients: [address], isEightBit: true)
        #expect(try JSONRoundTrip.of(envelope) == envelope)
    }
}
