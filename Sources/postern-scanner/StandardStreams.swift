// SPDX-License-Identifier: MIT
internal import Glibc

/// Writing to descriptors 1 and 2 without C's streams, which a forked child would flush twice.
enum StandardStreams {
    static func print(_ text: String) { write(text, to: STDOUT_FILENO) }
    /// One line is one write, so that lines of several processes don't mix.
    static func log(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        // A line that can't be written must not stop scanning: there is nobody to tell.
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
