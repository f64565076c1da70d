// SPDX-License-Identifier: MIT

/// A way to authenticate (RFC 4954). Both send the password as it is, so TLS has to hide it.
package enum AuthenticationMechanism: String, Hashable, Sendable, CaseIterable {
    /// RFC 4616.
    case plain = "PLAIN"
    /// What came before it: name and password, each on a line of its own. No standard, but in use.
    case login = "LOGIN"
}

/// What a client proves itself with. However it is printed, the secret isn't.
package struct Credentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package let mechanism: AuthenticationMechanism
    /// UTF-8 without control characters, 1 to `identityOctetsMax` octets.
    package let identity: String
    /// 1 to `secretOctetsMax` octets, none of them NUL.
    package let secret: [UInt8]

    /// Longest identity, in octets (RFC 4616 §2 obliges us to take 255).
    package static let identityOctetsMax = 255
    /// Longest secret, in octets: RFC 4616 §2 obliges us to take 255, and tokens that stand for a password
    /// are longer. With an identity on either side of it, it still fits a command line in Base64.
    package static let secretOctetsMax = 512

    package init(mechanism: AuthenticationMechanism, identity: String, secret: [UInt8]) {
        self.mechanism = mechanism
        self.identity = identity
        self.secret = secret
    }

    package var description: String { "\(mechanism.rawValue) \(identity)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror {
        Mirror(self, children: ["mechanism": mechanism.rawValue, "identity": identity])
    }
}
