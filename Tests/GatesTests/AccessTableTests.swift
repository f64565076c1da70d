// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("2.1 Tables and probes")
struct AccessTableTests {
    private let port = "TCP|198.51.100.1|25|192.0.2.7|4711"
    private let sender = Rules.sender()
    private let recipient = Rules.mailbox("bob@example.test")

    private func probe(
        _ table: AccessTable, _ session: SessionFacts, _ sender: SenderFacts, _ recipient: Address,
        _ policy: AccessPolicy = AccessPolicy(), facts: RecipientFacts? = nil, tags: [String] = []
    ) -> String {
        table.recipientProbe(
            AccessTable.RecipientSubject(
                session: session, sender: sender.sender, channel: "inside", recipient: recipient,
                facts: facts ?? RecipientFacts(recipient), conversionTags: tags), policy)
    }

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
            AccessTable.fromProbe(Rules.session(), sender, AccessPolicy())
                == "\(port)|SMTP/client.example|MAIL|tcp_local|alice@sender.example|")
    }

    @Test("the null sender is an empty field")
    func nullSender() {
        let null = SenderFacts(sender: nil, declaredOctets: nil, isEightBit: false)
        #expect(
            AccessTable.fromProbe(Rules.session(), null, AccessPolicy())
                == "\(port)|SMTP/client.example|MAIL|tcp_local||")
        #expect(
            probe(.sendAccess, Rules.session(), null, recipient)
                == "tcp_local||inside|bob@example.test")
    }

    @Test("with TLS, protocol and cipher stand before the greeting")
    func tls() {
        #expect(
            AccessTable.fromProbe(
                Rules.session(tls: "TLSv1.3-TLS_AES_256_GCM_SHA384"), sender,
                AccessPolicy())
                == "\(port)|SMTP/TLS-TLSv1.3-TLS_AES_256_GCM_SHA384/client.example|MAIL|tcp_local|"
                + "alice@sender.example|")
    }

    @Test("the SEND tables: source channel, sender, destination channel, recipient")
    func sendAccess() {
        #expect(
            probe(.origSendAccess, Rules.session(channel: "tcp_intranet"), sender, recipient)
                == "tcp_intranet|alice@sender.example|inside|bob@example.test")
    }

    @Test("the MAIL tables: the port's fields, greeting and submission type, and then as the SEND tables")
    func mailAccess() {
        #expect(
            probe(.mailAccess, Rules.session(), sender, recipient)
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

        let from = fields(AccessTable.fromProbe(session, forger, AccessPolicy()))
        #expect(from.count == 10)
        #expect(from[7] == "tcp_local")
        #expect(from[8].hasSuffix("@sender.example"))
        let mail = fields(probe(.mailAccess, session, forger, recipient))
        #expect(mail.count == 11)
        #expect(mail[7] == "tcp_local")
        #expect(mail[9] == "inside")
        #expect(fields(probe(.sendAccess, session, forger, recipient)).count == 4)
    }

    @Test("a bar becomes an underscore, everything else stays")
    func underscore() {
        let sender = Rules.sender("a|b!#$%&'*+-/=?^_`{}~@sender.example")
        #expect(
            probe(.sendAccess, Rules.session(), sender, recipient)
                == "tcp_local|a_b!#$%&'*+-/=?^_`{}~@sender.example|inside|bob@example.test")
    }

    @Test("an authenticated client's address is FROM_ACCESS's last field")
    func authenticated() {
        let session = Rules.session(authenticated: "ann@example.test")
        #expect(
            AccessTable.fromProbe(session, sender, AccessPolicy())
                == "\(port)|SMTP/client.example|MAIL|tcp_local|alice@sender.example|ann@example.test")
    }

    @Test("a cipher that is known apart stands behind the version of TLS; LMTP is named as such")
    func application() {
        var session = Rules.session(tls: "TLSv1.3")
        session.tlsCipher = "TLS_AES_128_GCM_SHA256"
        #expect(
            AccessTable.application(session) == "SMTP/TLS-TLSv1.3-TLS_AES_128_GCM_SHA256/client.example")
        session = Rules.session()
        session.isLMTP = true
        #expect(AccessTable.application(session) == "LMTP/client.example")
    }

    @Test("ETRN_ACCESS: the port's fields, greeting, the claimed name, the name without its sign")
    func etrn() {
        #expect(
            AccessTable.etrnProbe(
                Rules.session(), ETRNFacts(claimedSystem: "@Branch.Example.test"), AccessPolicy())
                == "\(port)|SMTP/client.example|@Branch.Example.test|branch.example.test")
    }

    private var all: Set<AccessPolicy.RecipientTable> { Set(AccessPolicy.RecipientTable.allCases) }

    @Test("ACCESS_ORCPT adds the original recipient, or what RCPT TO named where there is none")
    func originalRecipient() {
        let policy = AccessPolicy(originalRecipient: [.origSend, .mail])
        let given = RecipientFacts(
            Rules.mailbox("list@example.test"), originalRecipient: "rfc822;list@old.example")
        #expect(
            probe(.origSendAccess, Rules.session(), sender, recipient, policy, facts: given)
                == "tcp_local|alice@sender.example|inside|bob@example.test|rfc822;list@old.example")
        let none = RecipientFacts(Rules.mailbox("list@example.test"))
        #expect(
            probe(.mailAccess, Rules.session(), sender, recipient, policy, facts: none)
                .hasSuffix("|bob@example.test|rfc822;list@example.test"))
        #expect(
            probe(.sendAccess, Rules.session(), sender, recipient, policy, facts: given)
                == "tcp_local|alice@sender.example|inside|bob@example.test")
    }

    @Test("ACCESS_COUNTS adds this command's number, recipients admitted before, and a slash")
    func counts() {
        let facts = RecipientFacts(recipient, commandCount: 3, admittedCount: 1)
        #expect(
            probe(
                .sendAccess, Rules.session(), sender, recipient, AccessPolicy(counts: [.send]), facts: facts)
                == "tcp_local|alice@sender.example|inside|bob@example.test|3/1/")
    }

    @Test("optional fields come in the order original recipient, counts, conversion tags")
    func optionalFields() {
        let policy = AccessPolicy(
            originalRecipient: all, counts: all, conversionTags: Set(AccessPolicy.TaggedTable.allCases))
        for table in [AccessTable.origSendAccess, .sendAccess, .origMailAccess, .mailAccess] {
            #expect(
                probe(table, Rules.session(), sender, recipient, policy, tags: ["a", "b"])
                    .hasSuffix("|inside|bob@example.test|rfc822;bob@example.test|1/0/|a,b"))
        }
        #expect(
            probe(.sendAccess, Rules.session(), sender, recipient, policy).hasSuffix("|1/0/|"))
    }

    @Test("each table's probe has as many fields as its description names, whatever is set")
    func shapes() {
        let policies = [
            AccessPolicy(),
            AccessPolicy(
                originalRecipient: all, counts: all, conversionTags: Set(AccessPolicy.TaggedTable.allCases),
                showsRetries: true, reverse: .channels, forward: .channels, rewriteShowsChannel: true),
        ]
        for policy in policies {
            for table in [AccessTable.origSendAccess, .sendAccess, .origMailAccess, .mailAccess] {
                let fields = probe(table, Rules.session(), sender, recipient, policy, tags: ["a", "b"])
                    .split(separator: "|", omittingEmptySubsequences: false)
                #expect(fields.count == table.fields(policy).count, "\(table)")
            }
            let dequeue = AccessTable.dequeueProbe(
                DequeueFacts(
                    channel: "c", file: "f", secondsInQueue: nil, sender: nil, domain: "d",
                    conversionTags: ["a"]), policy)
            #expect(
                dequeue.split(separator: "|", omittingEmptySubsequences: false).count
                    == AccessTable.dequeueAccess.fields(policy).count)
        }
        #expect(AccessTable.portAccess.fields(AccessPolicy()).count == 5)
        #expect(AccessTable.fromAccess.fields(AccessPolicy()).count == 10)
    }

    @Test("MAPPING_PARANOIA's character stands where a bar did")
    func substitute() {
        let sender = Rules.sender("a|b@sender.example")
        #expect(
            probe(.sendAccess, Rules.session(), sender, recipient, AccessPolicy(substitute: "?"))
                == "tcp_local|a?b@sender.example|inside|bob@example.test")
    }

    @Test("input flags: A authenticated, T TLS, E EHLO, L LMTP; S F D for reports, at recipients only")
    func inputFlags() {
        #expect(AccessTable.fromAccess.inputFlags(Rules.session(isExtended: false)) == [])
        #expect(AccessTable.fromAccess.inputFlags(Rules.session()) == ["E"])
        #expect(AccessTable.mailAccess.inputFlags(Rules.session(tls: "TLSv1.2-X")) == ["E", "T"])
        var session = Rules.session(authenticated: "ann@example.test")
        session.isLMTP = true
        #expect(AccessTable.fromAccess.inputFlags(session) == ["A", "E", "L"])
        let facts = RecipientFacts(recipient, notices: [.success, .failure, .delay])
        #expect(AccessTable.sendAccess.inputFlags(session, facts) == ["A", "D", "E", "F", "L", "S"])
        #expect(AccessTable.portAccess.inputFlags(session) == ["A"])
    }
}
