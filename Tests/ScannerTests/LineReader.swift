// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// Lines from a descriptor, which it owns.
final class LineReader: Sendable {
    private let descriptor: Int32
    private let rest = Mutex<[UInt8]>([])

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Nil at the end, or when none came in time.
    func next(withinMs milliseconds: Int) -> String? {
        rest.withLock { rest in
            while true {
                if let end = rest.firstIndex(of: 0x0A) {
                    let line = String(decoding: rest[..<end], as: UTF8.self)
                    rest.removeSubrange(...end)
                    return line
                }
                var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&one, 1, Int32(milliseconds)) > 0 else { return nil }
                var buffer = [UInt8](repeating: 0, count: 4_096)
                let count = read(descriptor, &buffer, buffer.count)
                guard count > 0 else { return nil }
                rest += buffer.prefix(count)
            }
        }
    }
}
