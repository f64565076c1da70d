// SPDX-License-Identifier: MIT

/// A generator with a fixed start, so that a failing run can be repeated.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func chance(_ one: Int, in all: Int) -> Bool { Int(next() >> 33) % all < one }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(next() >> 33) % values.count] }

    mutating func below(_ bound: Int) -> Int { bound < 1 ? 0 : Int(next() >> 33) % bound }
}
