// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "text in, RFC 5952 text out",
        arguments: [
            ("192.0.2.1", "192.0.2.1"),
            ("0.0.0.0", "0.0.0.0"),
            ("::", "::"),
            ("::1", "::1"),
            ("1::", "1::"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
            ("fe80::a.b", nil),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ] as [(String, String?)])
    func text(text: String, expected: String?) {
        #expect(IPAddress(text)?.description == expected)
    }

    @Test(
        "anything else is no address",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", "1.2.3.+4", "01.2.3.4", "1.2.3.4000", ".1.2.3",
            ":",
            ":::", "1:::2", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:",
            "12345::", "g::", "::1%eth0", "::+1", "::-0", "1.2.3.4::", "::1.2.3.4:", "1:2:3:4:5:6:7:1.2.3.4",
            "0000000000000000000000000000000000000000000000::",
        ])
    func refused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("an IPv4-mapped address is the IPv4 address it means")
    func mapped() {
        #expect(IPAddress("::ffff:192.0.2.1") == IPAddress("192.0.2.1"))
        #expect(IPAddress("::ffff:c000:201")?.isIPv4 == true)
        #expect(
            IPAddress(octets: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4])?.description
                == "1.2.3.4")
        #expect(IPAddress(octets: [1, 2, 3]) == nil)
    }

    @Test(
        "a network holds what shares its first bits, and nothing of the other family",
        arguments: [
            ("192.0.2.77", "192.0.2.0", 24, true),
            ("192.0.3.77", "192.0.2.0", 24, false),
            ("192.0.3.77", "192.0.2.0", 23, true),
            ("192.0.2.1", "192.0.2.1", 32, true),
            ("192.0.2.0", "192.0.2.1", 32, false),
            ("1.2.3.4", "0.0.0.0", 0, true),
            ("2001:db8::1", "2001:db8::", 33, true),
            ("2001:db8:8000::1", "2001:db8::", 33, false),
            ("::1", "0.0.0.0", 0, false),
            ("1.2.3.4", "0.0.0.0", 33, false),
            ("1.2.3.4", "0.0.0.0", -1, false),
        ])
    func networks(address: String, network: String, prefixLength: Int, isWithin: Bool) throws {
        let address = try #require(IPAddress(address))
        let network = try #require(IPAddress(network))
        #expect(address.isWithin(network, prefixLength: prefixLength) == isWithin)
    }

    @Test("loopback is 127/8 and ::1")
    func loopback() {
        #expect(IPAddress("127.3.2.1")?.isLoopback == true)
        #expect(IPAddress("::1")?.isLoopback == true)
        #expect(IPAddress("128.0.0.1")?.isLoopback == false)
        #expect(IPAddress("::2")?.isLoopback == false)
    }

    @Test("DNS lists are asked with octets or nibbles reversed (RFC 5782 §2.1, §2.4)")
    func reversed() {
        #expect(IPAddress("192.0.2.99")?.reversedForDNSList == "99.2.0.192")
        #expect(
            IPAddress("2001:db8:1:2:3:4:567:89ab")?.reversedForDNSList
                == "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2")
    }

    @Test("the literal is RFC 5321's")
    func literal() {
        #expect(IPAddress("192.0.2.1")?.literal == "[192.0.2.1]")
        #expect(IPAddress("::1")?.literal == "[IPv6:::1]")
    }

    @Test("it is recorded as text, and text that is no address is refused")
    func coding() throws {
        let peer = Peer(
            clientAddress: try #require(IPAddress("2001:db8::1")), clientPort: 1,
            serverAddress:
                try #require(IPAddress("192.0.2.1")), serverPort: 25)
        #expect(try JSONRoundTrip.of(peer) == peer)
        #expect(throws: DecodingError.self) { try JSONRoundTrip.read([IPAddress].self, from: "[\"1.2.3\"]") }
    }
}
