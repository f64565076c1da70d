// SPDX-License-Identifier: MIT
internal import Glibc

/// What whoever started the scanner left it, to see by its end that nobody needs it any more.
///
/// Descriptor 4, where it is a pipe: it ends with the last process that may still send a job. Else descriptor
/// 3, a pipe or socket: it ends with whoever started us.
enum ControlDescriptor {
    private static let starter: Int32 = 3
    private static let lifeline: Int32 = 4

    /// Nil where there is neither. Must be asked before anything else is opened, or they may be files of our
    /// own.
    static func inherited() -> Int32? {
        if kind(lifeline) == S_IFIFO {
            // We have nothing to say on it, and a worker that was taken over is not to say it.
            close(starter)
            return lifeline
        }
        let kind = kind(starter)
        return kind == S_IFSOCK || kind == S_IFIFO ? starter : nil
    }

    private static func kind(_ descriptor: Int32) -> mode_t? {
        var about = stat()
        return fstat(descriptor, &about) == 0 ? about.st_mode & S_IFMT : nil
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
