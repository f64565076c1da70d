// SPDX-License-Identifier: MIT
import Testing

@testable import Mail

@Suite("An edition of an edition")
struct EditionCompositionTests {
    /// Numbers that look random and are the same in every run.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private func edition(over octets: Int, _ numbers: inout Numbers) -> Edition {
        var pieces: [Edition.Piece] = []
        for _ in 0..<Int.random(in: 0...8, using: &numbers) {
            if Bool.random(using: &numbers) {
                let low = Int.random(in: 0...octets, using: &numbers)
                pieces.append(.original(low..<Int.random(in: low...octets, using: &numbers)))
            } else {
                pieces.append(
                    .inserted((0..<Int.random(in: 0...5, using: &numbers)).map { 0x61 + UInt8($0) }))
            }
        }
        return Edition(pieces: pieces)
    }

    @Test("composing two editions gives the bytes of editing twice")
    func composes() {
        var numbers = Numbers(state: 11)
        for _ in 0..<2_000 {
            let received = MessageBytes((0..<UInt8.random(in: 0...60, using: &numbers)).map { $0 })
            let first = edition(over: received.count, &numbers)
            let between = MessageBytes(first.bytes(of: received))
            let second = edition(over: between.count, &numbers)
            let composed = second.composed(over: first)
            #expect(composed.bytes(of: received) == second.bytes(of: between))
            #expect(composed.pieces.allSatisfy { Edition(pieces: [$0]).octets > 0 })
        }
    }

    @Test("neighbouring ranges become one, so an edition that changes nothing composes to itself")
    func merges() {
        let cut = Edition(pieces: [.original(0..<4), .original(4..<10)])
        #expect(Edition.unchanged(octets: 10).composed(over: cut) == .unchanged(octets: 10))
        #expect(cut.composed(over: .unchanged(octets: 10)).isUnchanged(octets: 10))
        #expect(!cut.isUnchanged(octets: 10))
    }

    @Test("a range beyond the base's bytes is cut to them")
    func clamps() {
        let base = Edition(pieces: [.inserted([1, 2]), .original(5..<7)])
        let edition = Edition(pieces: [.original(1..<90)])
        #expect(edition.composed(over: base).pieces == [.inserted([2]), .original(5..<7)])
    }

    @Test("lines of ours stand before everything")
    func prepends() {
        let edition = Edition.unchanged(octets: 3).prepending([9])
        #expect(edition.pieces == [.inserted([9]), .original(0..<3)])
        #expect(edition.prepending([8]).pieces == [.inserted([8, 9]), .original(0..<3)])
        #expect(edition.prepending([]) == edition)
    }
}
