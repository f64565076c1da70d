// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A real resolver as the test's child: Debian's Unbound on a free port of the loopback interface.
final class Unbound: Sendable {
    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    let port: Int
    private let process: Process

    private init(port: Int, process: Process) {
        self.port = port
        self.process = process
    }

    /// Returns once it serves. Whatever is wrong with it ends the test: a missing peer is not passed over.
    static func start(in folder: String, localData: [String], localZones: [String]) throws -> Unbound {
        let port = try freePort()
        let zones = localZones.map { "  local-zone: \"\($0)\" static\n" }.joined()
        let data = localData.map { "  local-data: '\($0)'\n" }.joined()
        let configuration = """
            server:
              interface: 127.0.0.1
              port: \(port)
              access-control: 127.0.0.0/8 allow
              do-daemonize: no
              do-ip6: no
              username: ""
              chroot: ""
              directory: "\(folder)"
              pidfile: ""
              use-syslog: no
              logfile: ""
              verbosity: 1
              num-threads: 1
              module-config: "iterator"
            \(zones)\(data)
            remote-control:
              control-enable: no

            """
        let file = "\(folder)/unbound.conf"
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: file))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/unbound")
        process.arguments = ["-d", "-c", file]
        let output = Pipe()
        process.standardError = output
        process.standardOutput = output
        try process.run()
        let unbound = Unbound(port: port, process: process)
        do {
            try awaitService(output.fileHandleForReading.fileDescriptor)
        } catch {
            unbound.stop()
            throw error
        }
        return unbound
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// It says so when it serves.
    private static func awaitService(_ output: Int32) throws {
        var said: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        let deadline = Date(timeIntervalSinceNow: 30)
        while !String(decoding: said, as: UTF8.self).contains("start of service") {
            var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let isReadable = poll(&polled, 1, 1_000) > 0
            let count =
                isReadable ? chunk.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) } : 0
            guard !isReadable || count > 0, Date() < deadline else {
                throw NotStarted(description: "unbound: \(String(decoding: said, as: UTF8.self))")
            }
            said += chunk[..<count]
        }
    }

    /// A port that was free a moment ago, for UDP and TCP.
    private static func freePort() throws -> Int {
        for _ in 0..<20 {
            let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            let streams = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer {
                close(datagrams)
                close(streams)
            }
            if let port = bind(datagrams, port: 0), bind(streams, port: port) != nil { return port }
        }
        throw NotStarted(description: "no free port")
    }

    /// The port that was bound; nil where it is taken.
    private static func bind(_ end: Int32, port: Int) -> Int? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard Glibc.bind(end, $0, length) == 0, getsockname(end, $0, &length) == 0 else { return nil }
                return $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(in_port_t(bigEndian: $0.pointee.sin_port))
                }
            }
        }
    }
}
