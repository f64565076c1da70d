// SPDX-License-Identifier: MIT

/// A message's parts.
package struct PartTree: Sendable {
    package let root: Part
    /// Whatever is wrong with the message's form anywhere, each defect once. Bodies aren't decoded for it:
    /// what is wrong in base64 or quoted-printable is known after `Part.decoding`.
    package let defects: [MessageDefect]

    /// `defects`, and what decoding the bodies brings to light: of their transfer encodings, and of files in
    /// texts. Decodes every leaf, so it costs time and the memory of the largest one.
    package func allDefects(in bytes: MessageBytes, limits: MessageLimits = .init()) -> [MessageDefect] {
        var found = defects
        for leaf in leaves {
            found.note(contentsOf: leaf.bodyDefects(in: bytes, limits: limits))
        }
        return found
    }

    /// Every part, each before its children.
    package var all: [Part] {
        var found: [Part] = []
        var waiting = [root]
        while let part = waiting.popLast() {
            found.append(part)
            waiting.append(contentsOf: part.children.reversed())
        }
        return found
    }

    /// The parts without children, in the order of the message.
    package var leaves: [Part] { all.filter(\.children.isEmpty) }
}
