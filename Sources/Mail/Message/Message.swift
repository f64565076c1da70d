// SPDX-License-Identifier: MIT

/// A received message (RFC 5322): its bytes, and where its header's fields stand in them.
///
/// Making one reads the header only; bodies are looked at when `parts` is called.
package struct Message: Sendable {
    package let bytes: MessageBytes
    package let header: HeaderBlock

    package init(parsing bytes: MessageBytes, limits: MessageLimits = .init()) {
        self.bytes = bytes
        header = bytes.withBytes { HeaderBlock.parse($0, from: 0, limits: limits) }
    }

    /// The tree of its parts (RFC 2045, RFC 2046), found in one pass over the body. Anything can be read:
    /// what is broken or passes a limit becomes a leaf, with a defect.
    package func parts(limits: MessageLimits = .init()) -> PartTree {
        bytes.withBytes { buffer in
            var scanner = PartScanner(buffer, limits: limits)
            return scanner.scan(from: header)
        }
    }
}
