// SPDX-License-Identifier: MIT
internal import Glibc

/// Descriptor 3, when whoever started the scanner left a pipe or socket there: its end says that he is gone.
enum ControlDescriptor {
    private static let number: Int32 = 3

    /// Nil where there is none. Must be asked before anything else is opened, or 3 may be a file of our own.
    static func inherited() -> Int32? {
        var about = stat()
        guard fstat(number, &about) == 0 else { return nil }
        let kind = about.st_mode & S_IFMT
        return kind == S_IFSOCK || kind == S_IFIFO ? number : nil
    }

    /// Whether the other end is closed. What was sent is read and thrown away: the scanner takes no orders.
    static func isAtEnd(_ descriptor: Int32) -> Bool {
        var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&one, 1, 0) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = read(descriptor, &buffer, buffer.count)
        return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)
    }
}
