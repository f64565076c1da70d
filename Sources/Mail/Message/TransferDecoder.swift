// SPDX-License-Identifier: MIT

/// Undoes a transfer encoding (RFC 2045 §6.7, §6.8) piece by piece: what comes out, and the defects, are the
/// same however the input was cut. It holds back at most some kilobytes.
package struct TransferDecoder: Sendable {
    private enum State {
        case identity
        case base64(Base64Decoding)
        case quotedPrintable(QuotedPrintableDecoding)
    }

    private var state: State
    private var octetsLeft: Int
    private var tooLong = false

    /// The result will have at most `octetsMax` octets in all; input beyond is ignored, with a defect.
    package init(_ encoding: TransferEncoding, octetsMax: Int) {
        octetsLeft = max(0, octetsMax)
        state =
            switch encoding {
            case .base64: .base64(.init())
            case .quotedPrintable: .quotedPrintable(.init())
            case .sevenBit, .eightBit, .binary: .identity
            }
    }

    /// What was wrong with all that was taken so far, each once.
    package var defects: [MessageDefect] {
        var defects: [MessageDefect] =
            switch state {
            case .identity: []
            case .base64(let decoding): decoding.defects
            case .quotedPrintable(let decoding): decoding.defects
            }
        if tooLong { defects.note(.decodedTooLong) }
        return defects
    }

    /// Takes the next piece of the body and appends what it decodes to.
    package mutating func append(_ bytes: UnsafeRawBufferPointer, to octets: inout [UInt8]) {
        run(bytes, isLast: false, into: &octets)
    }

    /// Ends the body. The decoder is of no use afterwards.
    package mutating func finish(_ octets: inout [UInt8]) {
        run(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, into: &octets)
    }

    /// A body in one piece.
    mutating func decode(_ bytes: UnsafeRawBufferPointer, to octets: inout [UInt8]) {
        run(bytes, isLast: true, into: &octets)
    }

    private mutating func run(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, into octets: inout [UInt8]
    ) {
        guard !tooLong else { return }
        switch state {
        case .identity:
            octets += bytes.prefix(octetsLeft)
            tooLong = bytes.count > octetsLeft
            octetsLeft -= min(octetsLeft, bytes.count)
        case .base64(var decoding):
            write(decoding.octetsMax(after: bytes.count), to: &octets) {
                decoding.take(bytes, isLast: isLast, &$0)
            }
            state = .base64(decoding)
        case .quotedPrintable(var decoding):
            write(decoding.octetsMax(after: bytes.count), to: &octets) {
                decoding.take(bytes, isLast: isLast, &$0)
            }
            state = .quotedPrintable(decoding)
        }
    }

    /// Appends what `body` writes, which is at most `octetsMax` octets, and no more than are left. False from
    /// it means that the room was not enough.
    private mutating func write(
        _ octetsMax: Int, to octets: inout [UInt8], _ body: (inout DecodedOutput) -> Bool
    ) {
        let room = min(octetsMax, octetsLeft)
        var isWhole = true
        let written = [UInt8](unsafeUninitializedCapacity: room) { memory, written in
            var output = DecodedOutput(memory)
            isWhole = body(&output)
            written = output.written
        }
        octetsLeft -= written.count
        tooLong = !isWhole
        if octets.isEmpty, octets.capacity < written.count {
            octets = written
        } else {
            octets += written
        }
    }
}

/// Memory that a decoding writes to, from its beginning, until it is full.
struct DecodedOutput {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private(set) var written = 0

    init(_ memory: UnsafeMutableBufferPointer<UInt8>) { self.memory = memory }

    var room: Int { memory.count - written }

    /// False where the room ends.
    @inline(__always)
    mutating func put(_ octet: UInt8) -> Bool {
        guard written < memory.count else { return false }
        memory.initializeElement(at: written, to: octet)
        written += 1
        return true
    }

    /// The first `octets` of a 24-bit group; false where the room ends before all of them.
    @inline(__always)
    mutating func put(group: UInt32, octets: Int) -> Bool {
        var shift: UInt32 = 16
        for _ in 0..<octets {
            guard put(UInt8(truncatingIfNeeded: group >> shift)) else { return false }
            shift &-= 8
        }
        return true
    }

    /// As many as there is room for; false if that isn't all.
    @inline(__always)
    mutating func put(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        let count = min(range.count, room)
        if count > 0, let target = memory.baseAddress, let source = bytes.baseAddress {
            UnsafeMutableRawPointer(target + written).copyMemory(
                from: source + range.lowerBound, byteCount: count)
            written += count
        }
        return count == range.count
    }

    /// Lets `body` write where the next octets belong, at most `room` of them; it returns how many it wrote.
    @inline(__always)
    mutating func write(_ body: (UnsafeMutableRawPointer) -> Int) {
        guard let base = memory.baseAddress else { return }
        written += body(UnsafeMutableRawPointer(base + written))
    }
}
