// SPDX-License-Identifier: MIT

internal import Mail

/// One AUTH command from its first response to the credentials (RFC 4954 §4): challenges out, lines in.
struct AuthenticationExchange: Sendable {
    enum Turn: Sendable {
        /// 334. The next line is a response, whatever it looks like.
        case challenge(Reply)
        case finished(Credentials)
        case failed(Reply)
    }

    private enum Awaited: Sendable {
        case plain
        case loginName
        case loginSecret(identity: String)
    }

    private var awaited: Awaited

    init(_ mechanism: AuthenticationMechanism) {
        switch mechanism {
        case .plain: awaited = .plain
        case .login: awaited = .loginName
        }
    }

    /// `response` is the initial one, undecoded, or nil.
    mutating func begin(_ response: [UInt8]?) -> Turn {
        guard let response else { return .challenge(challenge) }
        // A lone `=` is the empty response, which an empty argument could not say (RFC 4954 §4).
        return take(response == [UInt8(ascii: "=")] ? [] : response)
    }

    /// A line that the client sent after a challenge, without its CRLF.
    mutating func respond(_ line: some Collection<UInt8>) -> Turn {
        if line.count == 1, line.first == UInt8(ascii: "*") { return .failed(.authCancelled) }
        return take(Array(line))
    }

    /// RFC 4616 has nothing to say before the client does; the questions of LOGIN are what its clients look
    /// for.
    private var challenge: Reply {
        switch awaited {
        case .plain: Reply(334, nil, "")
        case .loginName: Reply(334, nil, "VXNlcm5hbWU6")
        case .loginSecret: Reply(334, nil, "UGFzc3dvcmQ6")
        }
    }

    private mutating func take(_ response: [UInt8]) -> Turn {
        guard let octets = Base64.decode(response) else { return .failed(.badBase64) }
        switch awaited {
        case .plain:
            // authorization-identity NUL authentication-identity NUL password (RFC 4616 §2).
            let fields = octets.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 3, let identity = Self.identity(fields[1]) else {
                return .failed(.badCredentials)
            }
            // Nobody acts for somebody else here.
            guard fields[0].isEmpty || fields[0].elementsEqual(fields[1]) else {
                return .failed(.badCredentials)
            }
            return finished(.plain, identity, Array(fields[2]))
        case .loginName:
            guard let identity = Self.identity(octets[...]) else { return .failed(.badCredentials) }
            awaited = .loginSecret(identity: identity)
            return .challenge(challenge)
        case .loginSecret(let identity):
            return finished(.login, identity, octets)
        }
    }

    private func finished(_ mechanism: AuthenticationMechanism, _ identity: String, _ secret: [UInt8])
        -> Turn
    {
        guard (1...Credentials.secretOctetsMax).contains(secret.count), !secret.contains(0) else {
            return .failed(.badCredentials)
        }
        return .finished(Credentials(mechanism: mechanism, identity: identity, secret: secret))
    }

    /// Nil for what no account is called: it goes into logs, cases and directories' filters.
    private static func identity(_ octets: ArraySlice<UInt8>) -> String? {
        guard (1...Credentials.identityOctetsMax).contains(octets.count),
            octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { return nil }
        return String(validating: octets, as: UTF8.self)
    }
}
