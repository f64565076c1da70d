// SPDX-License-Identifier: MIT
import Testing

@testable import Lookups

@Suite("A map that forgets what was used least lately")
struct RecentMapTests {
    @Test(
        "does what a plain list of keys by use does, whatever is asked of it",
        arguments: 0..<20 as Range<UInt64>)
    func model(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var map = RecentMap<Int, Int>(countMax: 7)
        var list: [(key: Int, value: Int)] = []
        for step in 0..<2_000 {
            let key = random(12)
            switch random(4) {
            case 0:
                let value = map.remove(key)
                #expect(value == list.first { $0.key == key }?.value)
                list.removeAll { $0.key == key }
            case 1:
                let odd = map.sweep(3) { $0 % 5 == 0 }
                for key in odd { #expect(list.first { $0.key == key }.map { $0.value % 5 } == 0) }
                list.removeAll { odd.contains($0.key) }
            default:
                let evicted = map.use(key, step)
                let isNew = !list.contains { $0.key == key }
                list.removeAll { $0.key == key }
                let expected = isNew && list.count == 7 ? list.removeFirst() : nil
                #expect(evicted?.key == expected?.key)
                #expect(evicted?.value == expected?.value)
                list.append((key, step))
            }
            var walked: [Int] = []
            map.forEach { key, _ in walked.append(key) }
            #expect(walked == list.map(\.key))
            #expect(map.count == list.count)
            #expect(map[key] == list.first { $0.key == key }?.value)
        }
    }

    @Test("sweeping comes round to every entry")
    func sweep() {
        var map = RecentMap<Int, Bool>(countMax: 100)
        for key in 0..<100 { map.use(key, key % 2 == 0) }
        var removed = 0
        for _ in 0..<20 { removed += map.sweep(10) { $0 }.count }
        #expect(removed == 50)
        #expect(map.count == 50)
    }
}
