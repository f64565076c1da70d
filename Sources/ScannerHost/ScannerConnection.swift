// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc
internal import ScannerWire

/// One connection to a scanner's socket, for one request and its answer.
struct ScannerConnection: ~Copyable {
    private let socket: Int32

    init(path: String, until deadline: Deadline) throws(ScannerFailure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        let octets = Array(path.utf8)
        guard octets.count <= room else {
            throw .failed(what: "connect to \(path)", why: "the path is longer than \(room) octets")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw .failed(what: "open a socket", why: describe(errno)) }
        // connect() waits while the scanner's backlog is full, but no longer than this.
        var wait = timeval(
            tv_sec: deadline.remainingMs / 1_000, tv_usec: max(1, deadline.remainingMs % 1_000) * 1_000)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        let error = errno
        guard status == 0 else {
            close(socket)
            switch error {
            case ENOENT: throw .notUp(path: path)
            case ECONNREFUSED: throw .gone(path: path)
            case EAGAIN, EINPROGRESS: throw .noAnswer(afterMs: deadline.totalMs)
            default: throw .failed(what: "connect to \(path)", why: describe(error))
            }
        }
        self.socket = socket
    }

    deinit { close(socket) }

    /// `descriptor` goes with the first octet; the other side gets a copy of it.
    func send(_ frame: ScanFrame, with descriptor: Int32?, until deadline: Deadline) throws(ScannerFailure) {
        let bytes = frame.encoded
        var done = 0
        while done < bytes.count {
            try wait(for: Int16(POLLOUT), until: deadline)
            let passed = done == 0 ? descriptor ?? -1 : -1
            let count = bytes.withUnsafeBytes {
                postern_send(socket, $0.baseAddress.map { $0 + done }, bytes.count - done, passed)
            }
            guard count > 0 else {
                let error = Int32(-count)
                if error == EPIPE || error == ECONNRESET { throw .ended }
                throw .failed(what: "send the job", why: describe(error))
            }
            done += count
        }
    }

    /// The whole answer: read up to the length that its header gives, and checked to end there.
    func receive(until deadline: Deadline) throws(ScannerFailure) -> ScanFrame {
        var bytes: [UInt8] = []
        while true {
            if let frame = try decoded(bytes) { return frame }
            try wait(for: Int16(POLLIN), until: deadline)
            let received = try readSome()
            guard !received.isEmpty else {
                throw bytes.isEmpty ? .ended : .badAnswer(.cut)
            }
            bytes += received
        }
    }

    private func decoded(_ bytes: [UInt8]) throws(ScannerFailure) -> ScanFrame? {
        do {
            return try ScanFrame.decode(bytes)
        } catch {
            throw .badAnswer(error)
        }
    }

    private func readSome() throws(ScannerFailure) -> ArraySlice<UInt8> {
        // One octet more than a frame may have, so that what follows it is noticed.
        var buffer = [UInt8](repeating: 0, count: ScanFrame.headerOctets + ScanFrame.payloadOctetsMax + 1)
        var descriptor: Int32 = -1
        let count = buffer.withUnsafeMutableBytes {
            postern_receive(socket, $0.baseAddress, $0.count, &descriptor)
        }
        // A scanner hands nothing over; one that was taken over might try.
        if descriptor >= 0 { close(descriptor) }
        guard count >= 0 else {
            let error = Int32(-count)
            if error == ECONNRESET { throw .ended }
            throw .failed(what: "read the answer", why: describe(error))
        }
        return buffer.prefix(count)
    }

    private func wait(for events: Int16, until deadline: Deadline) throws(ScannerFailure) {
        var one = pollfd(fd: socket, events: events, revents: 0)
        while true {
            let remaining = deadline.remainingMs
            let count = poll(&one, 1, Int32(clamping: remaining))
            if count > 0 { return }
            if count == 0 && deadline.remainingMs == 0 { throw .noAnswer(afterMs: deadline.totalMs) }
            if count < 0 && errno != EINTR {
                throw .failed(what: "wait for the scanner", why: describe(errno))
            }
        }
    }
}
