// SPDX-License-Identifier: MIT

import Glibc
import NIOCore
import Testing

@testable import Operations

@Suite("The HTTP port")
struct PagePortTests {
    /// A listener of somebody else.
    private func occupy() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(Wire.withAddress(0) { bind(descriptor, $0, $1) } == 0)
        try #require(listen(descriptor, 1) == 0)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }

    @Test("port 0 is one that the kernel picks, and the address says which")
    func picked() throws {
        let gateway = try Gateway.running()
        #expect(gateway.service?.pageAddress == "127.0.0.1:\(gateway.port)")
        #expect(gateway.port > 0)
    }

    @Test("while a predecessor has the port it is waited for, and the control socket serves")
    func predecessor() throws {
        let (descriptor, port) = try occupy()
        let gateway = try Gateway(port: port) { $0.bindAgainMs = 10 }
        let started = gateway.begin()
        #expect(gateway.events.wait { $0.contains("operations.port_busy") })
        let wire = try gateway.control()
        wire.send("{\"command\":\"status\"}\n")
        #expect(wire.line() == FakeDispatcher.twoRoles)
        close(descriptor)
        let service = try started.wait()
        #expect(service.pageAddress == "127.0.0.1:\(port)")
        #expect(gateway.events.entries.filter { $0 == "operations.port_busy" }.count == 1)
        try service.drain().wait()
    }

    @Test("a port that stays taken is an error that says what to do")
    func taken() throws {
        let (descriptor, port) = try occupy()
        defer { close(descriptor) }
        let gateway = try Gateway(port: port) {
            $0.bindMs = 50
            $0.bindAgainMs = 10
        }
        #expect {
            try gateway.begin().wait()
        } throws: { error in
            guard let error = error as? OperationsError else { return false }
            return error.code == .pagePort
                && error.message.hasPrefix("operations: 127.0.0.1 port \(port) can't be opened: ")
                && error.message.hasSuffix(
                    "choose another `listen` in [operations], or stop the server that has it")
        }
        #expect(throws: (any Error).self) { try gateway.control() }
    }
}
