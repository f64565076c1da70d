// SPDX-License-Identifier: MIT

import Synchronization
import Testing

@testable import Mail

private final class Witness: Sendable {
    let isGone: @Sendable () -> Void
    init(_ isGone: @escaping @Sendable () -> Void) { self.isGone = isGone }
    deinit { isGone() }
}

@Suite("Message bytes")
struct MessageBytesTests {
    @Test("a copy is independent of what it was made from")
    func copy() {
        var source: [UInt8] = [1, 2, 3]
        let bytes = MessageBytes(source)
        source[0] = 9
        #expect(bytes.count == 3)
        #expect(bytes.bytes(in: 0..<3) == [1, 2, 3])
        #expect(bytes.bytes(in: 1..<2) == [2])
        #expect(bytes.withBytes { $0.reduce(0) { $0 + Int($1) } } == 6)
    }

    @Test("no bytes are bytes too")
    func empty() {
        #expect(MessageBytes([]).count == 0)
        #expect(MessageBytes([]).bytes(in: 0..<0) == [])
    }

    @Test("an owner lives as long as the bytes, and no longer")
    func owner() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 2, alignment: 1)
        memory.copyBytes(from: [7, 8])
        defer { memory.deallocate() }
        let counter = Counter()
        var bytes: MessageBytes? = MessageBytes(
            taking: UnsafeRawBufferPointer(memory), release: .owner(Witness { counter.add() }))
        #expect(bytes?.bytes(in: 0..<2) == [7, 8])
        #expect(counter.value == 0)
        bytes = nil
        #expect(counter.value == 1)
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}
