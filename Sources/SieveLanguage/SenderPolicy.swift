// SPDX-License-Identifier: MIT

package import Mail

/// Whose address stands as the sender of mail that a script has us send.
package enum SenderPolicy: Codable, Hashable, Sendable {
    /// The sender of the message that the script judged.
    case sender
    /// The recipient for whom the script ran.
    case recipient
    /// That recipient as the client named it.
    case originalRecipient
    /// The user's own address (`SieveSettings.userAddress`); without one the recipient.
    case userAddress
    case postmaster
    /// Always this one; nil is the null reverse-path.
    case fixed(Address?)

    /// Nil where there is none of that kind, and for the null reverse-path.
    package func address(for subject: SieveSubject, postmaster: Address) -> Address? {
        switch self {
        case .sender: subject.sender
        case .recipient: subject.recipient
        case .originalRecipient: subject.originalRecipient ?? subject.recipient
        case .userAddress: subject.settings.userAddress.flatMap { Address($0) } ?? subject.recipient
        case .postmaster: postmaster
        case .fixed(let address): address
        }
    }
}
