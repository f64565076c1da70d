// SPDX-License-Identifier: MIT

/// Why octets from the other side are no valid frame. Whoever meets one knows nothing about the message:
/// unscanned.
package enum ScanWireError: Error, Hashable, Sendable, CustomStringConvertible {
    case notAFrame
    case version(UInt16)
    case unknownKind(UInt16)
    case tooLong(octets: Int)
    case trailing(octets: Int)
    case cut
    case badField(String)

    package var description: String {
        switch self {
        case .notAFrame: "octets that are no frame"
        case .version(let version): "a frame of version \(version), not \(ScanFrame.version)"
        case .unknownKind(let kind): "a frame of unknown kind \(kind)"
        case .tooLong(let octets): "a payload of \(octets) octets, over \(ScanFrame.payloadOctetsMax)"
        case .trailing(let octets): "\(octets) octets behind the frame"
        case .cut: "a frame that ends too early"
        case .badField(let field): "a frame with a wrong \(field)"
        }
    }
}
