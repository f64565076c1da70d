// SPDX-License-Identifier: MIT

internal import Glibc

/// A thread for work that blocks on disks: the queue's, and one for each maildir. Event loops never run it.
final class WorkThread: @unchecked Sendable {
    // Sendable: the handle is written once, before any other thread sees the object.
    private var handle = pthread_t()

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts at once. `name` is for the error alone.
    init(name: String, _ run: @escaping @Sendable () -> Void) throws(OutboundError) {
        let body = Unmanaged.passRetained(Body(run))
        let failure = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard failure == 0 else {
            body.release()
            throw .system(
                .thread, "thread \(name) could not be started", help: "raise the process's limit of tasks",
                number: failure)
        }
    }

    /// Waits for its end. This or `detach`, once.
    func join() { pthread_join(handle, nil) }

    /// Nobody will wait for its end.
    func detach() { pthread_detach(handle) }
}
