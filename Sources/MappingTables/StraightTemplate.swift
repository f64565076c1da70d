// SPDX-License-Identifier: MIT

/// A template that only writes, sets flags and says what comes next: nearly every one. What it does is then
/// known but for the fields, and it can't fail. A class, so that passing it on counts one reference.
final class StraightTemplate: Sendable {
    /// One text or field, and how it is written. Trivial, so that going through them counts no references.
    private struct Step: Sendable {
        var mode: Template.Mode
        /// Nil: `start..<end` of `octets`.
        var field: Int?
        var start = 0
        var end = 0
    }

    /// The literal texts, in the case in which they are written.
    private let octets: [UInt8]
    private let steps: [Step]
    private let fieldCount: Int
    let flags: FlagSet
    /// The last one.
    let control: Template.Control?

    /// Nil where a piece needs more than the fields.
    init?(_ pieces: [Template.Piece]) {
        var octets: [UInt8] = []
        var steps: [Step] = []
        var flags = FlagSet()
        var control: Template.Control?
        var mode = Template.Mode.plain
        for piece in pieces {
            switch piece {
            case .text(let text):
                let start = octets.count
                mode.write(text, isSubstituted: false, to: &octets)
                steps.append(Step(mode: .plain, start: start, end: octets.count))
            case .field(let field): steps.append(Step(mode: mode, field: field))
            case .flag(let flag): flags.insert(flag)
            case .control(let next): control = next
            case .mode(let next): mode = next
            default: return nil
            }
        }
        self.octets = octets
        self.steps = steps
        self.flags = flags
        self.control = control
        fieldCount = steps.count { $0.field != nil }
    }

    /// As many octets as it may write for a target of so many: a quoted octet takes three.
    func octetsMax(targetOctets: Int) -> Int { octets.count + 3 * fieldCount * targetOctets }

    /// What it writes. A field that the pattern doesn't save is empty.
    func output(_ fields: MatchedFields, of target: borrowing Target) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(octets.count + (fieldCount > 0 ? target.count : 0))
        let text = target.octets
        octets.withUnsafeBufferPointer { octets in
            for step in steps {
                guard let field = step.field else {
                    output.append(
                        contentsOf: UnsafeBufferPointer(rebasing: octets[step.start..<step.end]))
                    continue
                }
                guard field < fields.count else { continue }
                step.mode.write(text[fields[field]], isSubstituted: true, to: &output)
            }
        }
        return output
    }
}
