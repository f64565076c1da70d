// SPDX-License-Identifier: MIT

internal import Mail

/// The access tables: their names, their probes and the flags that they know.
///
/// Probe fields come from outside. A `|` in one would forge a field, so it is replaced by `_` (Sun's
/// `MAPPING_PARANOIA`); what isn't printable ASCII never gets here, because the SMTP grammar refuses it.
package enum AccessTable: String, CaseIterable, Sendable {
    case portAccess = "PORT_ACCESS"
    case fromAccess = "FROM_ACCESS"
    case origSendAccess = "ORIG_SEND_ACCESS"
    case sendAccess = "SEND_ACCESS"
    case origMailAccess = "ORIG_MAIL_ACCESS"
    case mailAccess = "MAIL_ACCESS"
    case internalIP = "INTERNAL_IP"

    /// Output flags that the table's reader acts on; `check` refuses any other.
    package var knownFlags: Set<String> {
        switch self {
        case .portAccess: ["Y", "N", "F"]
        case .internalIP: ["Y", "N", "F"]
        case .fromAccess, .origSendAccess, .sendAccess, .origMailAccess, .mailAccess:
            ["Y", "N", "F", "H", "X"]
        }
    }

    /// `TCP|server|port|client|port`.
    static func portInfo(_ peer: Peer) -> String {
        "TCP|\(peer.serverAddress)|\(peer.serverPort)|\(peer.clientAddress)|\(peer.clientPort)"
    }

    static func portProbe(_ peer: Peer) -> String { portInfo(peer) }

    /// `<port-info>|app-info|submit-type|src-channel|from-address|auth-from`; nobody is authenticated yet.
    static func fromProbe(_ session: SessionFacts, _ sender: SenderFacts) -> String {
        "\(transport(session))|\(field(session.sourceChannel))|\(address(sender.sender))|"
    }

    /// `src-channel|from-address|dst-channel|to-address`.
    static func sendProbe(_ session: SessionFacts, _ sender: SenderFacts, _ to: Address, channel: String)
        -> String
    {
        "\(field(session.sourceChannel))|\(address(sender.sender))|\(field(channel))|\(address(to))"
    }

    /// `<port-info>|app-info|submit-type|` and then as `sendProbe`.
    static func mailProbe(_ session: SessionFacts, _ sender: SenderFacts, _ to: Address, channel: String)
        -> String
    {
        "\(transport(session))|\(sendProbe(session, sender, to, channel: channel))"
    }

    private static func transport(_ session: SessionFacts) -> String {
        let tls = session.tls.map { "TLS-\($0)/" } ?? ""
        return "\(portInfo(session.peer))|SMTP/\(field(tls + session.helo))|MAIL"
    }

    private static func address(_ address: Address?) -> String { address.map { field($0.description) } ?? "" }

    private static func field(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "|")) else { return text }
        return String(
            decoding: text.utf8.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    /// Input flags of section "Check for Special Flags": `T` for TLS, `E` for EHLO.
    static func inputFlags(_ session: SessionFacts) -> Set<Character> {
        var flags: Set<Character> = []
        if session.tls != nil { flags.insert("T") }
        if session.isExtended { flags.insert("E") }
        return flags
    }
}
