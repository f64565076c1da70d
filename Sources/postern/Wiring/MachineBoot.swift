// SPDX-License-Identifier: MIT

import Glibc

/// Tells one run of the machine from another.
enum MachineBoot {
    private static let path = "/proc/sys/kernel/random/boot_id"
    /// Octets that are read: the kernel gives 36.
    private static let octetsMax = 64

    /// Empty where the kernel doesn't say.
    static var id: String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: octetsMax)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)).prefix { $0 > 0x20 }, as: UTF8.self)
    }
}
