// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("A DNS question")
struct DNSQuestionTests {
    @Test("names are lower case without their last dot")
    func folding() {
        #expect(DNSQuestion(name: "MX.Example.ORG.", type: .mx)?.name == "mx.example.org")
        #expect(DNSQuestion(name: "_dmarc.a-b.example", type: .txt)?.name == "_dmarc.a-b.example")
        #expect(DNSQuestion(name: "A.example", type: .a) == DNSQuestion(name: "a.EXAMPLE.", type: .a))
    }

    @Test(
        "what a resolver, a log or a zone file would read otherwise can't be asked",
        arguments: [
            "", ".", "..", "a..b", ".a", "a b", "a\0b", "a\nb", "a;b", "a\"b", "a\\b", "a/b", "*.a",
            "\u{FC}.example",
            "\u{212A}.example", "a..",
        ])
    func refused(name: String) {
        #expect(DNSQuestion(name: name, type: .a) == nil)
    }

    @Test("labels have up to 63 octets, names up to 253")
    func lengths() {
        let label = String(repeating: "a", count: 63)
        #expect(DNSQuestion(name: label + ".b", type: .a) != nil)
        #expect(DNSQuestion(name: label + "a.b", type: .a) == nil)
        let name = "\(label).\(label).\(label).\(String(repeating: "b", count: 61))"
        #expect(DNSQuestion(name: name, type: .a)?.name.utf8.count == 253)
        #expect(DNSQuestion(name: name + ".", type: .a) != nil)
        #expect(DNSQuestion(name: name + "b", type: .a) == nil)
    }
}

@Suite("Questions and answers survive their record")
struct ExchangeTests {
    @Test(
        "every kind of question",
        arguments: [
            Question.callout(Callout(image: "dns_verify", routine: "dns_verify", argument: "a,b")),
            .scan(scanner: "clamav"),
            .time,
        ])
    func questions(question: Question) throws {
        #expect(try JSONRoundTrip.of(question) == question)
    }

    @Test("a DNS question")
    func dnsQuestion() throws {
        let question = Question.dns(try #require(DNSQuestion(name: "a.example", type: .txt)))
        #expect(try JSONRoundTrip.of(question) == question)
    }

    @Test(
        "every kind of answer",
        arguments: [
            Answer.dns(.records(["127.0.0.2", "\"\\ü\u{1}"], ttlSeconds: 60)), .dns(.noData(ttlSeconds: 1)),
            .dns(.noSuchName(ttlSeconds: 0)), .dns(.failed("SERVFAIL")), .dns(.timedOut), .callout("x"),
            .callout(nil),
            .scan(ScanReport(state: .clean, tookMs: 3)), .time(1_793_000_000), .unavailable("lookups: gone"),
            .scan(ScanReport(state: .infected(name: "Eicar", part: "1.2"), tookMs: 3)),
            .scan(ScanReport(state: .unscanned(.init("encrypted", isTransient: false)), tookMs: 3)),
        ])
    func answers(answer: Answer) throws {
        #expect(try JSONRoundTrip.of(answer) == answer)
    }
}

@Suite("A trail")
struct TrailTests {
    private func entry(_ number: Int) -> Trail.Entry {
        Trail.Entry(
            .mapping, rule: "mappings:\(number)", about: "PORT_ACCESS", captures: ["x"], flags: ["N"],
            result: "no")
    }

    @Test("entries stay in their order")
    func order() {
        var trail = Trail([entry(1)])
        trail.append(contentsOf: Trail([entry(2), entry(3)]))
        #expect(trail.entries.map(\.rule) == ["mappings:1", "mappings:2", "mappings:3"])
    }

    @Test("it doesn't grow beyond its limit")
    func limit() {
        var trail = Trail()
        for number in 0..<1_000 { trail.append(entry(number)) }
        #expect(trail.entries.count == Trail.entriesMax)
        #expect(trail.entries.first == entry(0))
    }

    @Test("it survives its record")
    func coding() throws {
        let trail = Trail([entry(1), Trail.Entry(.settlement, rule: nil, about: "a@b", result: "250")])
        #expect(try JSONRoundTrip.of(trail) == trail)
    }

    @Test("a place is file and line, as editors take it")
    func place() {
        #expect(RulePlace(file: "mta.sieve", line: 12).description == "mta.sieve:12")
    }
}
