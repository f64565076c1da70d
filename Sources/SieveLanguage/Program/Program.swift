// SPDX-License-Identifier: MIT

/// A compiled script: a flat list of instructions with jumps, never changed.
struct Program: Sendable {
    /// Tests leave their truth in one register, which the jumps read.
    enum Instruction: Sendable {
        case test(any SieveTest)
        case constant(Bool)
        case negate
        case jump(to: Int)
        case jumpIfTrue(to: Int)
        case jumpIfFalse(to: Int)
        case command(any SieveCommand)
        case stop
    }

    /// Where an instruction came from, in lines from 1.
    struct Origin: Sendable {
        var line: Int32
        /// The line of the `if` or `elsif` whose block it stands in; of an `else`, the one before it. 0
        /// outside blocks.
        var conditionLine: Int32
    }

    var instructions: [Instruction] = []
    /// One for each instruction.
    var origins: [Origin] = []
    /// Every header field that a test names, in lower case, each once: the evaluation keeps one slot for
    /// each.
    var fieldNames: [String] = []
}
