// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import Testing

@testable import Gates

@Suite("Callouts of mapping templates")
struct CalloutRunTests {
    /// The outcome of PORT_ACCESS with one entry, `*  template`, for a client 192.0.2.7.
    private func run(
        _ template: String, dns: [String: DNSAnswer] = [:], meters: [MeterQuestion: MeterAnswer] = [:]
    ) throws -> Driven<TableOutcome> {
        let ruleset = try Rules.make("PORT_ACCESS\n\n  TCP|*|*|*|*  \(template)\n")
        var world = World()
        world.dns = dns
        for (question, answer) in meters { world.others[.meter(question)] = .meter(answer) }
        return drive(
            TableRun(
                .portAccess, probe: AccessTable.portProbe(Rules.peer), inputFlags: [],
                tables: ruleset.tables), in: world)
    }

    private func meter(_ key: String, _ operation: MeterQuestion.Operation) -> MeterQuestion {
        MeterQuestion(table: "m", key: key, operation: operation)
    }

    private func isMatched(
        _ routine: String, _ question: MeterQuestion, _ answer: MeterAnswer
    ) throws -> Bool {
        try run("$C$[/opt/lib/check_metermaid.so,\(routine)]$N$E", meters: [question: answer]).outcome.matched
    }

    @Test("every routine that the language lets templates name is answered, and no other")
    func names() {
        let routines = CalloutRun.routines.flatMap { image, names in names.map { "\(image),\($0)" } }
        #expect(Set(routines) == TableSet.builtInCallouts)
    }

    @Test("a library or a routine that isn't built in is refused when the rules are read")
    func unknown() {
        for callout in ["check_memcache,fetch,k", "dns_verify,dns_verify_everything,x", "site,hook,x"] {
            #expect(throws: Rules.Mistakes.self) { try Rules.make("PORT_ACCESS\n\n  *  $[\(callout)]\n") }
        }
    }

    // MARK: DNS

    @Test("dns_verify_domain_warn writes a header line and refuses nothing")
    func warning() throws {
        let outcome = try run(
            "$C$[dns_verify,dns_verify_domain_warn,$2,list.test]$E",
            dns: [
                "A 7.2.0.192.list.test": .records(["127.0.0.2"], ttlSeconds: 1),
                "TXT 7.2.0.192.list.test": .records(["bad | host"], ttlSeconds: 1),
            ]
        ).outcome
        #expect(outcome.flags == ["A"])
        #expect(outcome.output == "X-DNS-List-Warning: bad _ host")
    }

    @Test("an answer of 127.255.255.x alone, or one outside 127/8, is an error of the list")
    func listErrors() throws {
        for records in [["127.255.255.254"], ["192.0.2.1"], ["127.0.0.2", "2001:db8::1"]] {
            let driven = try run(
                "$C$[dns_verify,dns_verify_domain_port,$2,list.test]$E",
                dns: ["A 7.2.0.192.list.test": .records(records, ttlSeconds: 1)])
            #expect(!driven.outcome.matched)
            #expect(driven.results.last?.contains("an error of the list") == true)
        }
    }

    @Test("dns_verify_ptr puts the name in, and fails where there is none")
    func pointer() throws {
        let template = "$C$[dns_verify,dns_verify_ptr,$2]$E"
        let found = try run(
            template, dns: ["PTR 7.2.0.192.in-addr.arpa": .records(["b.test", "a.test"], ttlSeconds: 1)])
        #expect(found.outcome.output == "a.test")
        #expect(try !run(template).outcome.matched)
        #expect(try !run(template, dns: ["PTR 7.2.0.192.in-addr.arpa": .timedOut]).outcome.matched)
    }

    @Test("with texts, what was found stands for %n and the error for %e")
    func texts() throws {
        let template = "$[dns_verify,dns_verify_ipv4,mx.test|$$Yis$ %n|$$Nno$ -$ %e|$$Nlater$ -$ %e]$E"
        #expect(
            try run(template, dns: ["A mx.test": .records(["192.0.2.9"], ttlSeconds: 1)]).outcome.output
                == "is 192.0.2.9")
        #expect(try run(template).outcome.output == "no - no such record")
        let failed = try run(template, dns: ["A mx.test": .failed("$Yup|x")]).outcome
        #expect(failed.output == "later - $Yup_x")
        #expect(failed.flags == ["N"])
    }

    @Test("dns_verify_ipv6 asks for AAAA")
    func six() throws {
        let driven = try run("$C$[dns_verify,dns_verify_ipv6,mx.test]$E")
        #expect(driven.names == ["AAAA mx.test"])
    }

    @Test("dns_get_first_mx takes the lowest preference, the first name among equals, and no null MX")
    func firstExchanger() throws {
        let template = "$C$[dns_verify,dns_get_first_mx,dom.test]$E"
        let cases: [([String], String?)] = [
            (["20 c.test", "10 b.test", "10 a.test"], "a.test"), (["0 ."], nil), (["no record"], nil),
        ]
        for (records, host) in cases {
            let outcome = try run(template, dns: ["MX dom.test": .records(records, ttlSeconds: 1)]).outcome
            #expect((outcome.matched ? outcome.output : nil) == host)
        }
    }

    // MARK: Meters

    @Test("throttle succeeds when the key is over its quota, and fails below it or without a meter")
    func throttle() throws {
        let question = meter("192.0.2.7", .throttle)
        #expect(try isMatched("throttle,m,$2", question, .use(count: 11, isOver: true)))
        #expect(try !isMatched("throttle,m,$2", question, .use(count: 10, isOver: false)))
        #expect(try !isMatched("throttle,m,$2", question, .failed("no such table")))
        let gone = try run("$C$[check_metermaid,throttle,m,$2]$N$E")
        #expect(!gone.outcome.matched)
        #expect(gone.results.last?.contains("meter m failed: nobody to ask") == true)
    }

    @Test("query says the same without counting")
    func query() throws {
        #expect(try isMatched("query,m,$2", meter("192.0.2.7", .query), .use(count: 11, isOver: true)))
    }

    @Test("greylisting succeeds while the key has to wait")
    func greylisting() throws {
        let question = meter("192.0.2.7", .greylist)
        #expect(try isMatched("greylisting,m,$2", question, .greylist(.new(waitSeconds: 300))))
        #expect(try isMatched("greylisting,m,$2", question, .greylist(.early(waitSeconds: 3))))
        #expect(try !isMatched("greylisting,m,$2", question, .greylist(.passed)))
    }

    @Test("adjust, store and remove succeed when they worked")
    func worked() throws {
        #expect(try isMatched("adjust,m,k,-3", meter("k", .adjust(by: -3)), .value("4")))
        #expect(try isMatched("store,m,k,hello", meter("k", .store("hello")), .value("hello")))
        #expect(try isMatched("remove,m,k", meter("k", .remove), .removed(true)))
        #expect(try isMatched("remove,m,k", meter("k", .remove), .removed(false)))
        #expect(try !isMatched("remove,m,k", meter("k", .remove), .failed("gone")))
    }

    @Test(
        "test and adjust_and_test compare numbers",
        arguments: [
            ("=5", [false, true, false]), (">5", [false, false, true]), (">=5", [false, true, true]),
            ("<5", [true, false, false]), ("<=5", [true, true, false]), ("< = 5", [true, true, false]),
        ])
    func comparisons(expression: String, expected: [Bool]) throws {
        let quoted = expression.replacing(" ", with: "$ ")
        for (number, isTrue) in zip(4...6, expected) {
            let value = MeterAnswer.value("\(number)")
            #expect(try isMatched("test,m,k,\(quoted)", meter("k", .fetch), value) == isTrue)
            #expect(
                try isMatched("adjust_and_test,m,k,1,\(quoted)", meter("k", .adjust(by: 1)), value) == isTrue)
        }
    }

    @Test("a key that holds nothing, or no number, passes no test")
    func noNumber() throws {
        for value in [nil, "", "five", "99999999999999999999"] as [String?] {
            #expect(try !isMatched("test,m,k,<5", meter("k", .fetch), .value(value)))
        }
    }

    @Test("fetch puts the value in as text: no flag, no field, no separator in it")
    func fetch() throws {
        let question = meter("k", .fetch)
        let outcome = try run(
            "$C$[check_metermaid,fetch,m,k]$E", meters: [question: .value("$N a|b $0")]
        ).outcome
        #expect(outcome.output == "$N a_b $0")
        #expect(outcome.flags.isEmpty)
        #expect(try !run("$C$[check_metermaid,fetch,m,k]$E", meters: [question: .value(nil)]).outcome.matched)
    }

    @Test("a comma in a key forges no operand: what follows the key is taken from the end")
    func commas() throws {
        let ruleset = try Rules.make("T\n\n  *  $C$[check_metermaid,adjust_and_test,m,$0,1,>5]$E\n")
        let driven = drive(
            TableRun(tableNamed: "T", probe: "a,100,<0", inputFlags: [], tables: ruleset.tables))
        #expect(driven.rounds == [[.meter(meter("a,100,<0", .adjust(by: 1)))]])
    }

    @Test("conn_throttle counts with the meter of its name, and compares with its own rate")
    func connectionThrottle() throws {
        let question = MeterQuestion(table: "conn_throttle", key: "192.0.2.7", operation: .throttle)
        for (count, isOver) in [(10, false), (11, true)] {
            let driven = try run(
                "$C$[IMTA_LIB:conn_throttle.so,throttle,$2,10]$N$E",
                meters: [question: .use(count: Int64(count), isOver: false)])
            #expect(driven.outcome.matched == isOver)
        }
    }

    @Test("an argument that makes no sense fails the entry, and the trail says so")
    func nonsense() throws {
        let callouts = [
            "check_metermaid,throttle,m", "check_metermaid,adjust,m,k,many", "check_metermaid,test,m,k,5",
            "conn_throttle,throttle,1.2.3.4", "dns_verify,dns_verify,x", "dns_verify,dns_verify_ptr,a|b",
        ]
        for callout in callouts {
            let driven = try run("$C$[\(callout)]$N$E")
            #expect(!driven.outcome.matched && driven.rounds.isEmpty, "\(callout)")
            #expect(driven.results.last?.contains("makes no sense") == true, "\(callout)")
        }
    }

    @Test("an answer of another kind fails the entry")
    func wrongKind() throws {
        let question = meter("192.0.2.7", .throttle)
        for answer in [MeterAnswer.value("5"), .removed(true), .greylist(.passed)] {
            #expect(try !isMatched("throttle,m,$2", question, answer))
        }
    }
}
