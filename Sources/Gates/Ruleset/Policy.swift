// SPDX-License-Identifier: MIT

package import Mail

/// The part of `postern.toml` that judging needs: who we are, which way mail goes, what a finding leads to.
///
/// It holds no port, path or address of a service: those are the wiring's business, and a case judged again
/// elsewhere must not depend on them.
package struct Policy: Codable, Hashable, Sendable {
    /// Our name in `Received:` and `Authentication-Results:`.
    package var hostname: String
    /// Channels by name.
    package var channels: [String: Channel]
    /// Accepted domains, lower case, to their destination channel. A key that begins with a dot stands for
    /// every domain below it.
    package var domains: [String: String]
    /// Source channel of clients that `INTERNAL_IP` doesn't know, and destination channel of domains that we
    /// don't accept: the outside, in both directions (Sun's `tcp_local`).
    package var outsideChannel: String
    /// Source channel of clients for which `INTERNAL_IP` sets `$Y` (Sun's `tcp_intranet`).
    package var insideChannel: String
    /// Stands for a bare `<postmaster>` (RFC 5321 §4.5.1).
    package var postmaster: Address
    package var scanners: [ScannerPolicy]
    package var mixedReject: MixedReject
    /// What a `fileinto` leads to, by its folder's name; a key that ends in `*` stands for every name that
    /// begins so. See `policy(ofFolder:)`.
    package var folders: [String: FolderPolicy]
    /// What a channel's or the MTA's script leads to when it fails at run time.
    package var scriptError: ScriptErrorPolicy
    /// `Received:` fields beyond which a message is taken for looping, and held.
    package var receivedFieldsMax: Int
    /// How the access tables are probed.
    package var access = AccessPolicy()
    /// Limits, switching of channels, AUTH, the test before the greeting.
    package var session = SessionPolicy()
    /// DNS lists, senders, recipients, greylisting, names of clients.
    package var verification = VerificationPolicy()
    /// What defects in a message's form lead to.
    package var defects = DefectPolicies()
    /// How scripts are run.
    package var filters = FilterPolicy()

    package init(
        hostname: String, channels: [String: Channel], domains: [String: String],
        outsideChannel: String = "tcp_local",
        insideChannel: String = "tcp_intranet", postmaster: Address, scanners: [ScannerPolicy] = [],
        mixedReject: MixedReject = .hold, folders: [String: FolderPolicy] = [:],
        scriptError: ScriptErrorPolicy = .hold, receivedFieldsMax: Int = 50
    ) {
        self.hostname = hostname
        self.channels = channels
        self.domains = domains
        self.outsideChannel = outsideChannel
        self.insideChannel = insideChannel
        self.postmaster = postmaster
        self.scanners = scanners
        self.mixedReject = mixedReject
        self.folders = folders
        self.scriptError = scriptError
        self.receivedFieldsMax = receivedFieldsMax
    }

    /// One channel: a way in, a way out, or both.
    package struct Channel: Codable, Hashable, Sendable {
        /// Mail can leave by it: a next hop or a maildir is configured.
        package var hasRoute: Bool
        /// Name of the script run for mail that leaves by it, or nil.
        package var destinationScript: String?
        /// Name of the script run for mail that came by it, or nil.
        package var sourceScript: String?
        /// `mailfromdnsverify`: for mail that comes in by it, the sender's domain must exist in DNS.
        package var verifiesSenderDomains = false
        /// Scripts by URL, and what a failing one leads to.
        package var filters = ChannelFilters()

        package init(hasRoute: Bool, destinationScript: String? = nil, sourceScript: String? = nil) {
            self.hasRoute = hasRoute
            self.destinationScript = destinationScript
            self.sourceScript = sourceScript
        }
    }

    /// What one scanner's findings lead to.
    package struct ScannerPolicy: Codable, Hashable, Sendable {
        package enum Infected: String, Codable, Hashable, Sendable, CaseIterable {
            case hold, reject, discard
        }
        package enum Transient: String, Codable, Hashable, Sendable, CaseIterable { case `defer`, hold }
        package enum Permanent: String, Codable, Hashable, Sendable, CaseIterable { case hold, reject, relay }

        package var name: String
        package var onInfected: Infected
        /// The scanner is gone, slow or loading. Never "clean": a message that is to be relayed all the same
        /// would say so in its header, and there is no such setting yet.
        package var onUnscannedTransient: Transient
        /// Encrypted, over a limit, malformed. `relay` marks the message `X-Virus-Status: unscanned`.
        package var onUnscannedPermanent: Permanent

        package init(
            name: String, onInfected: Infected = .hold, onUnscannedTransient: Transient = .defer,
            onUnscannedPermanent: Permanent = .hold
        ) {
            self.name = name
            self.onInfected = onInfected
            self.onUnscannedTransient = onUnscannedTransient
            self.onUnscannedPermanent = onUnscannedPermanent
        }
    }

    /// What becomes of the recipients that reject when others accept: the one reply must be 250.
    package enum MixedReject: String, Codable, Hashable, Sendable, CaseIterable { case hold, discard }
    package enum ScriptErrorPolicy: String, Codable, Hashable, Sendable, CaseIterable {
        case hold, `defer`, keep
    }
}

extension Policy {
    /// The destination channel of `domain`: an accepted domain's own, the outside's for any other.
    package func destinationChannel(of domain: String) -> String {
        acceptedChannel(of: domain) ?? outsideChannel
    }

    /// Nil unless `domain` or one of its parents (by a key with a leading dot) is accepted. The key `.`
    /// accepts every domain there is, which `check` allows on loopback alone.
    package func acceptedChannel(of domain: String) -> String? {
        acceptedKey(of: domain).flatMap { domains[$0] }
    }

    /// The key of `domains` under which `domain` is accepted.
    package func acceptedKey(of domain: String) -> String? {
        let folded = domain.lowercased()
        if domains[folded] != nil { return folded }
        var rest = Substring(folded)
        // At most 127 labels: a domain has 255 octets.
        while let dot = rest.firstIndex(of: ".") {
            if domains[String(rest[dot...])] != nil { return String(rest[dot...]) }
            rest = rest[rest.index(after: dot)...]
        }
        return domains["."] == nil ? nil : "."
    }
}
