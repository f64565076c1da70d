// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// A message's file is about to be deleted: `MESSAGE-SAVE-COPY`. The outcome is where a copy is to be kept, a
/// path below the folder of copies; nil for none.
package struct SaveCopyGate: Evaluation {
    /// Octets of a copy's path.
    package static let pathOctetsMax = 255
    /// Folders in a copy's path, its file included.
    package static let partsMax = 8

    private var run: TableRun

    package init(ruleset: Ruleset, facts: SaveCopyFacts) {
        run = TableRun(
            .messageSaveCopy, probe: AccessTable.saveCopyProbe(facts, ruleset.policy.access),
            inputFlags: [], tables: ruleset.tables)
    }

    package mutating func next(_ answers: [Answer]) -> Step<String?> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, var trail):
            guard outcome.overrun == nil, outcome.matched, outcome.has("Y"), !outcome.has("N") else {
                return .done(nil, trail)
            }
            if let path = Self.path(outcome.output) { return .done(path, trail) }
            trail.append(
                Trail.Entry(
                    .mapping, rule: outcome.place?.description,
                    about: AccessTable.messageSaveCopy.rawValue,
                    result: "\"\(PlainText.excerpt(outcome.output))\" is no path below the folder of"
                        + " copies; no copy is kept"))
            return .done(nil, trail)
        }
    }

    /// `text` as a path that leads nowhere but down: parts of letters, digits and `._-+=@`, none of them
    /// empty or beginning with a dot. Nil for any other.
    package static func path(_ text: String) -> String? {
        let text = PlainText.trimmed(text)
        guard (1...pathOctetsMax).contains(text.utf8.count) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let signs = Array("._-+=@".utf8)
        guard (1...partsMax).contains(parts.count) else { return nil }
        for part in parts {
            guard let first = part.first, first != UInt8(ascii: ".") else { return nil }
            for octet in part {
                switch octet {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: continue
                default: guard signs.contains(octet) else { return nil }
                }
            }
        }
        return text
    }
}

/// What is known of a message whose file is about to be deleted.
package struct SaveCopyFacts: Codable, Hashable, Sendable {
    /// By which it came; empty where that isn't known any more.
    package var sourceChannel: String
    package var destinationChannel: String
    /// Nil is the null reverse-path.
    package var sender: Address?
    /// The first.
    package var recipient: Address?
    /// What stands for the message's file.
    package var file: String

    package init(
        sourceChannel: String = "", destinationChannel: String, sender: Address?, recipient: Address?,
        file: String
    ) {
        self.sourceChannel = sourceChannel
        self.destinationChannel = destinationChannel
        self.sender = sender
        self.recipient = recipient
        self.file = file
    }
}

extension AccessTable {
    /// `D|source-channel|destination-channel|sender|recipient|file`; `D` since a message is saved when it is
    /// dequeued.
    static func saveCopyProbe(_ facts: SaveCopyFacts, _ policy: AccessPolicy) -> String {
        var probe = Probe(policy)
        probe.add("D")
        probe.add(facts.sourceChannel)
        probe.add(facts.destinationChannel)
        probe.add(facts.sender)
        probe.add(facts.recipient)
        probe.add(facts.file)
        return probe.text
    }
}
