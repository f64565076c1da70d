// SPDX-License-Identifier: MIT

import Glibc

/// Reads the dispatcher's lines on a thread of its own and hands each message on. The end of the line is a
/// message too: whoever started us is gone, and we are to finish and end.
final class ControlListener: Sendable {
    private let handle: @Sendable (ControlMessage) -> Void

    /// `handle` is called on the listening thread.
    init(_ handle: @escaping @Sendable (ControlMessage) -> Void) { self.handle = handle }

    func start() {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ControlListener>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        if code == 0 { pthread_detach(thread) } else { box.release() }
    }

    private func run() {
        var line = ControlLine(descriptor: RoleContext.control)
        while let messages = line.receive() {
            for message in messages { handle(message) }
        }
        handle(.drain)
        // The line stays open until the process ends: others may still write to descriptor 3, and it must not
        // become another file's by then.
        while true { pause() }
    }
}
