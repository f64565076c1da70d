// SPDX-License-Identifier: MIT

/// Texts as one key of a memory: told apart where they end, and of bounded length.
enum MemoryKey {
    /// Octets of a key before its tail is folded. A message id has at most 998.
    private static let octetsMax = 512

    static func text(_ parts: [[UInt8]]) -> String {
        var key: [UInt8] = []
        for part in parts { key += Array("\(part.count):".utf8) + part }
        guard key.count > octetsMax else { return String(decoding: key, as: UTF8.self) }
        // FNV-1a, 64 bits: what strangers can make collide are their own messages.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in key { hash = (hash ^ UInt64(octet)) &* 0x0100_0000_01B3 }
        return String(decoding: key.prefix(octetsMax), as: UTF8.self) + "#" + String(hash, radix: 16)
    }
}
