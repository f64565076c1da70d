// SPDX-License-Identifier: MIT

/// A request to scan: the content comes as a sealed memory file, whose descriptor travels with the frame's
/// first octet.
package struct ScanJob: Hashable, Sendable {
    package let nonce: ScanNonce
    /// Octets of the memory file. A file of another length is refused.
    package let octets: UInt64
    /// For how long someone will wait for the answer, in milliseconds from now.
    package let budgetMs: UInt32

    package init(nonce: ScanNonce, octets: UInt64, budgetMs: UInt32) {
        self.nonce = nonce
        self.octets = octets
        self.budgetMs = budgetMs
    }

    package var frame: ScanFrame {
        var writer = ScanFieldWriter()
        writer.write(octets)
        writer.write(budgetMs)
        return ScanFrame(kind: .job, nonce: nonce, payload: writer.bytes)
    }

    package init(_ frame: ScanFrame) throws(ScanWireError) {
        guard frame.kind == .job else { throw .unknownKind(frame.kind.rawValue) }
        var reader = ScanFieldReader(frame.payload[...])
        octets = try reader.readUInt64()
        budgetMs = try reader.readUInt32()
        nonce = frame.nonce
        try reader.expectEnd()
    }
}
