// SPDX-License-Identifier: MIT
import Foundation
import Glibc

@testable import Lookups

/// A real Redis server of a test's own, on a Unix socket and a port of loopback. Nothing is kept on disk.
final class RedisProcess: Sendable {
    let socket: String
    let port: Int
    private let process: Process
    private let folder: String

    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    /// Returns when it answers.
    init(folder: String, port: Int? = nil, password: String? = nil) throws {
        self.folder = folder
        self.port = try port ?? Self.freePort()
        socket = "\(folder)/redis.sock"
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
        process.arguments =
            [
                "--port", "\(self.port)", "--bind", "127.0.0.1", "--unixsocket", socket, "--save", "",
                "--appendonly", "no", "--dir", folder,
            ] + (password.map { ["--requirepass", $0] } ?? [])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw NotStarted(description: "redis-server: \(error); install the package redis-server")
        }
        let deadline = SteadyTime.milliseconds() + 30_000
        while !answers() {
            guard process.isRunning, SteadyTime.milliseconds() < deadline else {
                throw NotStarted(description: "redis-server does not answer on \(socket)")
            }
            usleep(10_000)
        }
    }

    deinit { stop() }

    /// Returns when it is gone.
    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// It stays, and does nothing.
    func pause() { kill(process.processIdentifier, SIGSTOP) }
    func goOn() { kill(process.processIdentifier, SIGCONT) }

    /// What a command of words gives, by a client that is not ours.
    func command(_ words: String..., password: String? = nil) throws -> String {
        let client = Process()
        let output = Pipe()
        client.executableURL = URL(fileURLWithPath: "/usr/bin/redis-cli")
        client.arguments = ["-s", socket] + (password.map { ["--no-auth-warning", "-a", $0] } ?? []) + words
        client.standardOutput = output
        client.standardError = FileHandle.nullDevice
        try client.run()
        let octets = output.fileHandleForReading.readDataToEndOfFile()
        client.waitUntilExit()
        return String(decoding: octets, as: UTF8.self)
    }

    private func answers() -> Bool {
        // Refused until it listens: then it is asked again.
        guard let end = try? UnixSocket.connect(socket) else { return false }
        close(end)
        return true
    }

    private static func freePort() throws -> Int {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard code else { throw POSIXError(.EADDRNOTAVAIL) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
