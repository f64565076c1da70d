// SPDX-License-Identifier: MIT

/// What a scanner says about one job.
package struct ScanAnswer: Hashable, Sendable {
    package enum Finding: Hashable, Sendable {
        /// Everything was looked at, and nothing found.
        case clean
        case infected(name: String)
        /// Not everything could be looked at. Transient: trying again may help.
        case unscanned(reason: String, isTransient: Bool)
    }

    /// The job's, unchanged.
    package let nonce: ScanNonce
    package let finding: Finding

    /// Octets of a name or a reason, at most.
    package static let textOctetsMax = 512

    package init(nonce: ScanNonce, finding: Finding) {
        self.nonce = nonce
        self.finding = finding
    }

    // No state is 0 or 1, and none is one bit from another: zeroed or damaged memory never reads as clean.
    private enum State: UInt8 {
        case clean = 0xC3
        case infected = 0x5A
        case transient = 0x3C
        case permanent = 0xA5
    }

    package var frame: ScanFrame {
        var writer = ScanFieldWriter()
        let (state, text): (State, String) =
            switch finding {
            case .clean: (.clean, "")
            case .infected(let name): (.infected, name)
            case .unscanned(let reason, isTransient: true): (.transient, reason)
            case .unscanned(let reason, isTransient: false): (.permanent, reason)
            }
        writer.write(state.rawValue)
        writer.write(text: text, octetsMax: Self.textOctetsMax)
        return ScanFrame(kind: .answer, nonce: nonce, payload: writer.bytes)
    }

    /// A clean answer with a text, or another without, contradicts itself and is an error.
    package init(_ frame: ScanFrame) throws(ScanWireError) {
        guard frame.kind == .answer else { throw .unknownKind(frame.kind.rawValue) }
        var reader = ScanFieldReader(frame.payload[...])
        let code = try reader.readUInt8()
        let text = try reader.readText(octetsMax: Self.textOctetsMax)
        try reader.expectEnd()
        guard let state = State(rawValue: code), text.isEmpty == (state == .clean) else {
            throw .badField("state")
        }
        nonce = frame.nonce
        finding =
            switch state {
            case .clean: .clean
            case .infected: .infected(name: text)
            case .transient: .unscanned(reason: text, isTransient: true)
            case .permanent: .unscanned(reason: text, isTransient: false)
            }
    }
}
