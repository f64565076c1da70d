// SPDX-License-Identifier: MIT

/// Where a peer alone is wrong about a message that is well-formed: what it gets wrong, and how that is seen.
enum Exception: String, CaseIterable {
    case none

    /// The exception that explains why a message without a defect isn't read alike.
    static func explaining(_ message: [UInt8], _ own: OwnReading, _ peers: PeerReading) -> Exception? {
        nil
    }
}
