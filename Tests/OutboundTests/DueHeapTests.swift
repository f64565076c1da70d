// SPDX-License-Identifier: MIT

import DurableQueue
import Testing

@testable import Outbound

@Suite("Entries that wait for a time")
struct DueHeapTests {
    @Test("they come out by time, whatever the order they went in, and not before they are due")
    func order() {
        var heap = DueHeap()
        let times: [Int64] = [50, 10, 40, 20, 30, 10, 60, 5]
        for (index, time) in times.enumerated() {
            heap.insert(EntryID(message: MessageID(generation: 1, offset: UInt64(index)), index: 0), at: time)
        }
        #expect(heap.pop(now: 4) == nil)
        var popped: [Int64] = []
        while let id = heap.pop(now: 50) { popped.append(times[Int(id.message.offset)]) }
        #expect(popped == [5, 10, 10, 20, 30, 40, 50])
        #expect(heap.first == 60)
    }
}
