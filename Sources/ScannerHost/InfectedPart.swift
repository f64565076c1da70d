// SPDX-License-Identifier: MIT
internal import Mail

/// Finds out which part of an infected message it is, by asking about one decoded part after the other.
struct InfectedPart {
    let client: ScannerClient
    let bytes: MessageBytes

    /// Parts asked about, at most: it only serves the explanation, and the message's fate is known already.
    static let partsMax = 50

    /// The number of the first leaf in which something is found by itself, or nil: nothing found in a single
    /// part, the budget spent, or the scanner gone meanwhile.
    func number(until deadline: Deadline) -> String? {
        let tree = Message(parsing: bytes).parts()
        for part in tree.leaves.prefix(Self.partsMax) {
            guard deadline.remainingMs > 0 else { return nil }
            let content = MessageBytes(part.decodedBody(in: bytes))
            switch client.ask(about: content, as: .file, until: deadline) {
            case .infected: return part.number
            case .clean: continue
            // A locked archive beside the infected part, say: go on looking.
            case .unscanned(let reason) where !reason.isTransient: continue
            case .unscanned: return nil
            }
        }
        return nil
    }
}
