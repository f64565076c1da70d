// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc
internal import ScannerWire

/// The worker's end of one connection: one request in, one answer out.
struct JobConnection: ~Copyable {
    private let socket: Int32
    /// The content that came with the request; -1 for none.
    private(set) var content: Int32 = -1

    /// How long a client may take to hand its request over. It sends it at once, so only one that the machine
    /// has no time for takes longer; one that never does blocks a worker until then.
    static let requestMsMax: UInt64 = 10_000

    init(accepted socket: Int32) { self.socket = socket }

    deinit {
        if content >= 0 { close(content) }
        close(socket)
    }

    /// Reads the request with its descriptor. Nil if the client is gone or too slow: there is nobody to
    /// answer then.
    mutating func receive() throws(ScanWireError) -> ScanFrame? {
        let end = MonotonicTime.milliseconds &+ Self.requestMsMax
        var bytes: [UInt8] = []
        while true {
            if let frame = try ScanFrame.decode(bytes) { return frame }
            let now = MonotonicTime.milliseconds
            guard now < end, wait(milliseconds: end &- now) else { return nil }
            // One octet more than a frame may have, so that what follows it is noticed.
            var buffer = [UInt8](repeating: 0, count: ScanFrame.headerOctets + ScanFrame.payloadOctetsMax + 1)
            var descriptor: Int32 = -1
            let count = buffer.withUnsafeMutableBytes {
                postern_receive(socket, $0.baseAddress, $0.count, &descriptor)
            }
            keep(descriptor)
            guard count > 0 else {
                guard bytes.isEmpty else { throw .cut }
                return nil
            }
            bytes += buffer.prefix(count)
        }
    }

    /// Whether the client still waits. One that has given up must not cost a scan.
    var isClientThere: Bool {
        var one = pollfd(fd: socket, events: 0, revents: 0)
        return poll(&one, 1, 0) == 0
    }

    /// A client that left before its answer loses nothing but that.
    func send(_ frame: ScanFrame) {
        let bytes = frame.encoded
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                postern_send(socket, $0.baseAddress.map { $0 + done }, bytes.count - done, -1)
            }
            guard count > 0 else { return }
            done += count
        }
    }

    /// The content's size, once it is sure that it can't change any more; nil if it isn't sealed.
    var sealedOctets: UInt64? {
        guard content >= 0, postern_is_sealed(content) == 1 else { return nil }
        let end = lseek(content, 0, Int32(SEEK_END))
        guard end >= 0, lseek(content, 0, Int32(SEEK_SET)) == 0 else { return nil }
        return UInt64(end)
    }

    private mutating func keep(_ descriptor: Int32) {
        guard descriptor >= 0 else { return }
        if content < 0 {
            content = descriptor
        } else {
            close(descriptor)
        }
    }

    private func wait(milliseconds: UInt64) -> Bool {
        var one = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let count = poll(&one, 1, Int32(clamping: milliseconds))
        return count > 0 || (count < 0 && errno == EINTR)
    }
}
