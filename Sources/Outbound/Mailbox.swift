// SPDX-License-Identifier: MIT

internal import Glibc
internal import Synchronization

/// Work on its way to a thread that sleeps in `poll`. Letters queue up while the thread is busy and it takes
/// them all at once, so under load a wake-up is paid for once a batch, not once a message.
final class Mailbox<Letter: Sendable>: Sendable {
    private struct State {
        var letters: [Letter] = []
        /// A wake-up octet is on its way: a second would tell nothing.
        var isSignalled = false
    }

    private let state = Mutex(State())
    /// Readable while letters wait, for the receiver's `poll`.
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(OutboundError) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw .system(
                .socket, "a wake-up socket could not be made", help: "raise the limit of open files")
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func post(_ letter: Letter) { post(contentsOf: CollectionOfOne(letter)) }

    func post(contentsOf letters: some Collection<Letter>) {
        state.withLock { state in
            state.letters.append(contentsOf: letters)
            guard !state.isSignalled else { return }
            state.isSignalled = true
            // Within the lock: written after it, the octet could come when `take` has already looked for it,
            // and the thread would find its socket readable for ever. Can't be full: at most one octet is
            // under way.
            var octet: UInt8 = 1
            _ = write(writeEnd, &octet, 1)
        }
    }

    /// All letters, oldest first; empty if there are none.
    func take() -> [Letter] {
        state.withLock { state in
            if state.isSignalled {
                var octet: UInt8 = 0
                _ = read(readEnd, &octet, 1)
                state.isSignalled = false
            }
            defer { state.letters = [] }
            return state.letters
        }
    }

    /// Sleeps until a letter is there.
    func wait() {
        var descriptor = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        poll(&descriptor, 1, -1)
    }
}
