// SPDX-License-Identifier: MIT
import Mail
import Telemetry
import Testing

@testable import Lookups

@Suite("With a real Unbound to ask")
struct RealResolverTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let data = [
        "9.2.0.192.list.example. 300 IN A 127.0.0.2",
        #"9.2.0.192.list.example. 300 IN TXT "listed by" " list.example""#,
        "mx.list.example. 300 IN AAAA 2001:db8::25", "list.example. 300 IN MX 5 mx.list.example.",
        "_25._tcp.mx.list.example. 300 IN TLSA 3 1 1 "
            + "0011223344556677889900112233445566778899001122334455667788990011",
    ]

    @Test("answers, and that there are none, come through as they are")
    func forwarded() async throws {
        let unbound = try Unbound.start(
            in: folder.path, localData: Self.data, localZones: ["list.example"])
        defer { unbound.stop() }
        let path = "\(folder.path)/lookups.sock"
        let settings = LookupSettings(
            servers: ["127.0.0.1@\(unbound.port)"], localData: ["own.list.example. 60 IN A 127.0.0.9"])
        let server = try await RunningServer.start(path, settings: settings)
        try await Worker.with(path) { worker async throws in
            let expected: [(String, DNSQuestion.RecordType, [String])] = [
                ("9.2.0.192.list.example", .a, ["127.0.0.2"]),
                ("9.2.0.192.list.example", .txt, ["listed by list.example"]),
                ("mx.list.example", .aaaa, ["2001:db8::25"]), ("list.example", .mx, ["5 mx.list.example"]),
                (
                    "_25._tcp.mx.list.example", .tlsa,
                    ["3 1 1 0011223344556677889900112233445566778899001122334455667788990011"]
                ),
            ]
            for (name, type, records) in expected {
                guard case .records(let found, let ttl) = try await worker.ask(name, type) else {
                    Issue.record("no records for \(type.rawValue) \(name)")
                    continue
                }
                #expect(found == records)
                #expect((1...300).contains(ttl))
            }
            if case .noSuchName = try await worker.ask("1.2.0.192.list.example") {
            } else {
                Issue.record("a name from nowhere")
            }
            if case .noData = try await worker.ask("mx.list.example", .txt) {
            } else {
                Issue.record("data from nowhere")
            }
            // Our own data stands before what the network says.
            #expect(try await worker.ask("own.list.example") == .records(["127.0.0.9"], ttlSeconds: 60))
        }
        #expect(server.counters.value(.lookupsAnswered) == 8)
        await server.stop()
    }

    @Test("a command asks the same questions once, on its own thread")
    func oneTime() throws {
        let unbound = try Unbound.start(
            in: folder.path, localData: Self.data, localZones: ["list.example"])
        defer { unbound.stop() }
        let lookup = try OneTimeLookup(
            settings: LookupSettings(servers: ["127.0.0.1@\(unbound.port)"]), budgetMs: 60_000)
        let questions = [("9.2.0.192.list.example", DNSQuestion.RecordType.a), ("mx.list.example", .aaaa)]
            .compactMap { DNSQuestion(name: $0, type: $1) }
        let answers = lookup.answers(questions)
        #expect(
            answers.map { answer in
                if case .records(let records, _) = answer { records } else { [] }
            } == [["127.0.0.2"], ["2001:db8::25"]])
        #expect(lookup.answers([DNSQuestion]()) == [])
    }
}
