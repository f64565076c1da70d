// SPDX-License-Identifier: MIT

/// Who knows the identities that clients claim, and their secrets: `[authentication]`.
package struct AuthenticationSettings: Codable, Hashable, Sendable {
    package enum Source: Codable, Hashable, Sendable {
        /// A directory's name; the filter that finds an identity's entry, `%u` standing for it; the attribute
        /// with its mail address.
        case directory(String, filter: String, addressAttribute: String)
        /// Absolute path of a file of identities and hashes.
        case passwords(String)
    }

    package var source: Source
    /// Milliseconds that one check may take.
    package var timeoutMs: Int

    package init(source: Source, timeoutMs: Int) {
        self.source = source
        self.timeoutMs = timeoutMs
    }
}
