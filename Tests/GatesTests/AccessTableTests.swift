// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("Probes of the access tables")
struct AccessTableTests {
    private let port = "TCP|198.51.100.1|25|192.0.2.7|4711"
    private let sender = Rules.sender()
    private let recipient = Rules.mailbox("bob@example.test")

    @Test("PORT_ACCESS: protocol, our address and port, the client's address and port")
    func portAccess() {
        #expect(AccessTable.portProbe(Rules.peer) == port)
    }

    @Test("an IPv6 address stands in its shortest form, and an IPv4 address mapped into IPv6 as itself")
    func addressForms() {
        let six = Peer(
            clientAddress: Rules.address("2001:DB8:0:0:0:0:0:7"), clientPort: 1,
            serverAddress: Rules.address("::1"), serverPort: 25)
        #expect(AccessTable.portProbe(six) == "TCP|::1|25|2001:db8::7|1")
        let mapped = Peer(
            clientAddress: Rules.address("::ffff:192.0.2.7"), clientPort: 4711,
            serverAddress: Rules.address("::ffff:198.51.100.1"), serverPort: 25)
        #expect(AccessTable.portProbe(mapped) == port)
    }

    @Test("FROM_ACCESS: the port's fields, greeting, submission type, source channel, sender, nobody")
    func fromAccess() {
        #expect(
            AccessTable.fromProbe(Rules.session(), sender)
                == "\(port)|SMTP/client.example|MAIL|tcp_local|alice@sender.example|")
    }

    @Test("the null sender is an empty field")
    func nullSender() {
        let null = SenderFacts(sender: nil, declaredOctets: nil, isEightBit: false)
        #expect(
            AccessTable.fromProbe(Rules.session(), null)
                == "\(port)|SMTP/client.example|MAIL|tcp_local||")
        #expect(
            AccessTable.sendProbe(Rules.session(), null, recipient, channel: "inside")
                == "tcp_local||inside|bob@example.test")
    }

    @Test("with TLS, protocol and cipher stand before the greeting")
    func tls() {
        #expect(
            AccessTable.fromProbe(Rules.session(tls: "TLSv1.3-TLS_AES_256_GCM_SHA384"), sender)
                == "\(port)|SMTP/TLS-TLSv1.3-TLS_AES_256_GCM_SHA384/client.example|MAIL|tcp_local|"
                + "alice@sender.example|")
    }

    @Test("the SEND tables: source channel, sender, destination channel, recipient")
    func sendAccess() {
        #expect(
            AccessTable.sendProbe(
                Rules.session(channel: "tcp_intranet"), sender, recipient, channel: "inside")
                == "tcp_intranet|alice@sender.example|inside|bob@example.test")
    }

    @Test("the MAIL tables: the port's fields, greeting and submission type, and then as the SEND tables")
    func mailAccess() {
        #expect(
            AccessTable.mailProbe(Rules.session(), sender, recipient, channel: "inside")
                == "\(port)|SMTP/client.example|MAIL|tcp_local|alice@sender.example|inside|bob@example.test")
    }

    @Test(
        "a bar in a field can't forge another field",
        arguments: ["|", "a|tcp_intranet|b", "||||||", "x|MAIL|tcp_intranet|boss@example.test|"])
    func bars(hostile: String) {
        let session = Rules.session(helo: hostile, tls: hostile)
        let forger = SenderFacts(
            sender: Address(localPart: hostile, domain: "sender.example"), declaredOctets: nil,
            isEightBit: false)
        let recipient = Address(localPart: "\"\(hostile)\"", domain: "example.test")
        let fields = { (probe: String) in probe.split(separator: "|", omittingEmptySubsequences: false) }

        let from = fields(AccessTable.fromProbe(session, forger))
        #expect(from.count == 10)
        #expect(from[7] == "tcp_local")
        #expect(from[8].hasSuffix("@sender.example"))
        let mail = fields(AccessTable.mailProbe(session, forger, recipient, channel: "inside"))
        #expect(mail.count == 11)
        #expect(mail[7] == "tcp_local")
        #expect(mail[9] == "inside")
        #expect(fields(AccessTable.sendProbe(session, forger, recipient, channel: "inside")).count == 4)
    }

    @Test("a bar becomes an underscore, everything else stays")
    func underscore() {
        let sender = Rules.sender("a|b!#$%&'*+-/=?^_`{}~@sender.example")
        #expect(
            AccessTable.sendProbe(Rules.session(), sender, recipient, channel: "inside")
                == "tcp_local|a_b!#$%&'*+-/=?^_`{}~@sender.example|inside|bob@example.test")
    }

    @Test("input flags say T for TLS and E for EHLO")
    func inputFlags() {
        #expect(AccessTable.inputFlags(Rules.session(isExtended: false)) == [])
        #expect(AccessTable.inputFlags(Rules.session()) == ["E"])
        #expect(AccessTable.inputFlags(Rules.session(tls: "TLSv1.2-X")) == ["E", "T"])
    }
}
