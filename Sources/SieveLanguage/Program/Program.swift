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
        /// A `test` of a test file, which ends at `end`.
        case beginCase(name: Phrase, end: Int)
        case endCase
        /// Goes to the first part below the part at hand, or to `exit` where there is none (RFC 5703 §3).
        case enterParts(exit: Int)
        /// Goes to the next part and to `start`; behind the last one leaves the loop.
        case nextPart(start: Int)
        /// Leaves so many loops.
        case leaveParts(levels: Int)
        /// Leaves an included script (RFC 6609 §3.3); in the script itself, as `stop`.
        case leave
        /// Runs another program of the script (RFC 6609 §3.2), unless `once` and it ran before.
        case include(program: Int, once: Bool)
    }

    /// Where an instruction came from, in lines from 1.
    struct Origin: Sendable {
        var line: Int32
        /// The line of the `if` or `elsif` whose block it stands in; of an `else`, the one before it. 0
        /// outside blocks.
        var conditionLine: Int32
    }

    /// The file it was compiled from, as the operator knows it.
    let name: String
    var instructions: [Instruction] = []
    /// One for each instruction.
    var origins: [Origin] = []
    /// Every header field that a test names, in lower case, each once: the evaluation keeps one slot for
    /// each.
    var fieldNames: [String] = []
    /// Variables of the script's own.
    var variableCount = 0
    /// Whether what matches capture is kept (RFC 5229 §3.2).
    var keepsMatches = false
}
