// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Mail
import NIOCore
import Telemetry
import Testing

@testable import Lookups

@Suite("The lookups role")
struct LookupServerTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/lookups.sock" }

    private static let settings = LookupSettings(
        localData: [
            "9.2.0.192.list.test. 300 IN A 127.0.0.2", "9.2.0.192.list.test. 300 IN A 127.0.0.4",
            #"9.2.0.192.list.test. 300 IN TXT "listed; \"see\" " "https://list.test/9""#,
            "mail.list.test. 120 IN AAAA 2001:db8::25", "mail.list.test. 120 IN MX 10 Mx.List.Test.",
            "ptr.list.test. 60 IN PTR host.list.test.",
        ], localZones: ["list.test"])

    init() throws { folder = try TemporaryFolder() }

    private func with<Value: Sendable>(
        _ settings: LookupSettings = settings, _ body: (Worker, RunningServer) async throws -> Value
    ) async throws -> Value {
        let server = try await RunningServer.start(path, settings: settings)
        do {
            let value = try await Worker.with(path) { try await body($0, server) }
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }

    @Test("local data is answered with its TTL, every type in its form")
    func localData() async throws {
        try await with { worker, server async throws in
            guard case .records(let codes, let ttl) = try await worker.ask("9.2.0.192.list.test") else {
                Issue.record("not listed")
                return
            }
            #expect(codes.sorted() == ["127.0.0.2", "127.0.0.4"])
            #expect(ttl == 300)
            #expect(
                try await worker.ask("9.2.0.192.list.test", .txt)
                    == .records([#"listed; "see" https://list.test/9"#], ttlSeconds: 300))
            #expect(
                try await worker.ask("mail.list.test", .aaaa) == .records(["2001:db8::25"], ttlSeconds: 120))
            #expect(
                try await worker.ask("mail.list.test", .mx) == .records(["10 mx.list.test"], ttlSeconds: 120))
            #expect(
                try await worker.ask("ptr.list.test", .ptr) == .records(["host.list.test"], ttlSeconds: 60))
            #expect(server.counters.value(.lookupsAnswered) == 5)
            #expect(server.counters.value(.lookupsFailed) == 0)
        }
    }

    @Test("a local zone knows what it doesn't hold: no such name, or no data of that type")
    func negative() async throws {
        try await with { worker, _ async throws in
            guard case .noSuchName = try await worker.ask("1.2.0.192.list.test") else {
                Issue.record("a name from nowhere")
                return
            }
            guard case .noData = try await worker.ask("mail.list.test", .txt) else {
                Issue.record("data from nowhere")
                return
            }
            #expect(try await worker.known("1.2.0.192.list.test") != nil)
        }
    }

    @Test("many questions at once are each given their own answer")
    func many() async throws {
        let data = (0..<200).map { "n\($0).list.test. 60 IN A 10.0.\($0 / 100).\($0 % 100)" }
        try await with(LookupSettings(localData: data, localZones: ["list.test"])) { worker, _ async throws in
            let all = try (0..<200).map { try worker.begin("n\($0).list.test") }
            for (number, future) in all.enumerated() {
                #expect(
                    try await future.get()
                        == .records(["10.0.\(number / 100).\(number % 100)"], ttlSeconds: 60))
            }
        }
    }

    @Test("after it is gone questions fail, and when its successor is there they are answered again")
    func restart() async throws {
        let path = path
        let first = try await RunningServer.start(path, settings: Self.settings)
        try await Worker.with(path) { worker async throws in
            #expect(
                try await worker.ask("mail.list.test", .aaaa) == .records(["2001:db8::25"], ttlSeconds: 120))
            await first.stop()
            guard case .failed = try await worker.ask("mail.list.test", .mx) else {
                Issue.record("answered by nobody")
                return
            }
            #expect(
                try await worker.known("mail.list.test", .aaaa) == .records(["2001:db8::25"], ttlSeconds: 120)
            )
            // The successor takes the path over from a socket that nobody listens to.
            let second = try await RunningServer.start(path, settings: Self.settings)
            #expect(
                try await worker.ask("mail.list.test", .mx) == .records(["10 mx.list.test"], ttlSeconds: 120))
            await second.stop()
        }
    }

    @Test("a client that sends nonsense loses its connection; the others keep theirs")
    func nonsense() async throws {
        let path = path
        try await with { worker, _ async throws in
            #expect(
                try await worker.ask("ptr.list.test", .ptr) == .records(["host.list.test"], ttlSeconds: 60))
            let frames: [[UInt8]] = [
                [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 5, 0, 0, 0, 1, 0], [0, 0, 0, 6, 0, 0, 0, 1, 99, 0x61],
                Array("GET / HTTP/1.0\r\n\r\n".utf8),
            ]
            for frame in frames {
                let end = try UnixSocket.connect(path)
                defer { close(end) }
                #expect(UnixSocket.sendAndReadToEnd(end, frame) == [])
            }
            #expect(
                try await worker.ask("mail.list.test", .aaaa) == .records(["2001:db8::25"], ttlSeconds: 120))
        }
    }

    @Test("what can't be set up is said, with the setting")
    func mistakes() async throws {
        let path = path
        for (settings, text) in [
            (LookupSettings(localData: ["no record at all"]), #"dns.local_data "no record at all""#),
            (LookupSettings(servers: ["nonsense@x"]), "dns.servers nonsense@x"),
        ] {
            let error = await #expect(throws: LookupError.self) {
                _ = try await RunningServer.start(path, settings: settings)
            }
            #expect(error?.description.hasPrefix(text) == true)
        }
        let long = folder.path + "/" + String(repeating: "x", count: 100)
        let error = await #expect(throws: LookupError.self) {
            _ = try await RunningServer.start(long, settings: LookupSettings())
        }
        #expect(error?.description == "\(long): the path is too long for a Unix socket")
        let absent = await #expect(throws: LookupError.self) {
            _ = try await RunningServer.start("\(path)/x", settings: LookupSettings())
        }
        #expect(absent?.description == "\(path)/x: No such file or directory")
    }
}

/// A plain end of a Unix socket.
enum UnixSocket {
    static func connect(_ path: String) throws -> Int32 {
        let end = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(end, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            close(end)
            throw POSIXError(.ECONNREFUSED)
        }
        return end
    }

    /// What comes back until the other end closes.
    static func sendAndReadToEnd(_ end: Int32, _ bytes: [UInt8]) -> [UInt8] {
        _ = bytes.withUnsafeBytes { send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var read: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1_024)
        while true {
            let count = chunk.withUnsafeMutableBytes { recv(end, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return read }
            read += chunk[..<count]
        }
    }
}
