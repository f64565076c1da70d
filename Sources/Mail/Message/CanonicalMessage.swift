// SPDX-License-Identifier: MIT

/// A message rewritten so that every reader sees the parts, names and texts that we saw.
///
/// Only what is wrong changes; the rest stays ranges of the received bytes. Rewriting what is signed breaks
/// the signature: of DKIM where a signed field or the body changes, of S/MIME and PGP where the defect is
/// inside.
package struct CanonicalMessage: Sendable {
    package let edition: Edition
    /// What is still wrong: `MessageDefect.Remedy.kept`.
    package let remaining: [MessageDefect]

    /// The edition alone; nil as for `init`.
    package static func edition(
        of message: Message, tree: PartTree, limits: MessageLimits = .init()
    ) -> Edition? {
        CanonicalMessage(of: message, tree: tree, limits: limits)?.edition
    }

    /// Rewrites `message`, whose parts are `tree`. Nil if it can't be vouched for: a defect bars it
    /// (`MessageDefect.Remedy.barred`), or the result, read again, isn't free of defects and of the same
    /// shape. Takes time and memory in proportion to the message; every encoded body is decoded.
    package init?(of message: Message, tree: PartTree, limits: MessageLimits = .init()) {
        let defects = tree.allDefects(in: message.bytes, limits: limits)
        if defects.allSatisfy({ $0.remedy == .kept }) {
            edition = .unchanged(octets: message.bytes.count)
            remaining = defects
            return
        }
        guard !defects.contains(where: { $0.remedy == .barred }) else { return nil }
        var writer = CanonicalWriter(message, tree: tree, limits: limits)
        let edition = writer.write()
        let rewritten = Message(parsing: MessageBytes(edition.bytes(of: message.bytes)), limits: limits)
        let again = rewritten.parts(limits: limits)
        let remaining = again.allDefects(in: rewritten.bytes, limits: limits)
        guard remaining.allSatisfy({ $0.remedy == .kept }), Self.areAlike(tree, again) else { return nil }
        self.edition = edition
        self.remaining = remaining
    }

    /// Whether both have the same parts: numbers, types, file names.
    private static func areAlike(_ one: PartTree, _ other: PartTree) -> Bool {
        let mine = one.all
        let theirs = other.all
        return mine.count == theirs.count
            && zip(mine, theirs).allSatisfy {
                $0.number == $1.number && $0.type == $1.type && name($0) == name($1)
            }
    }

    /// Control characters in a name go.
    static func name(_ part: Part) -> String? { part.filename.map(cleanName) }

    static func cleanName(_ name: String) -> String {
        var kept = ""
        for scalar in name.unicodeScalars where !(scalar.value < 0x20 || scalar.value == 0x7F) {
            kept.unicodeScalars.append(scalar)
        }
        return kept
    }
}
