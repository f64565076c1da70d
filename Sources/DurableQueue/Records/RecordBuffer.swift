// SPDX-License-Identifier: MIT
internal import Mail

/// Bytes being encoded, little-endian, into memory that is kept from one batch to the next.
struct RecordBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    /// Memory that stays between batches, at most; a rare giant gives the rest back.
    private static let keptOctetsMax = 16 << 20

    init(capacity: Int = 64 << 10) {
        base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func removeAll() {
        count = 0
        guard capacity > Self.keptOctetsMax else { return }
        base.deallocate()
        capacity = 64 << 10
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    /// Forgets what was put since `count` was `mark`.
    mutating func truncate(to mark: Int) {
        precondition(
            mark >= 0 && mark <= count, "a mark inside the buffer was expected, not \(mark) of \(count)")
        count = mark
    }

    private mutating func reserve(_ octets: Int) {
        guard count + octets > capacity else { return }
        var grown = capacity
        while grown < count + octets { grown *= 2 }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity = grown
    }

    mutating func put(_ number: some FixedWidthInteger) {
        let octets = number.bitWidth / 8
        reserve(octets)
        base.storeBytes(of: number.littleEndian, toByteOffset: count, as: type(of: number))
        count += octets
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func put(counted bytes: UnsafeRawBufferPointer) {
        put(UInt32(clamping: bytes.count))
        put(bytes)
    }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(counted: UnsafeRawBufferPointer($0)) }
    }

    mutating func put(_ address: Address) {
        put(address.localPart)
        put(address.domain)
    }

    /// Zeros up to a multiple of `octets`.
    mutating func pad(to octets: Int) {
        let gap = (octets - count % octets) % octets
        reserve(gap)
        (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: gap)
        count += gap
    }

    /// Writes over what stands at `offset`, as heads do that hold the length and checksum of what follows.
    mutating func set(_ number: some FixedWidthInteger, at offset: Int) {
        precondition(
            offset + number.bitWidth / 8 <= count, "an offset inside the buffer was expected, not \(offset)")
        base.storeBytes(of: number.littleEndian, toByteOffset: offset, as: type(of: number))
    }
}
