// SPDX-License-Identifier: MIT

internal import CPostern
internal import Glibc
internal import Synchronization

/// Where results from all threads wait for the role's loop. `descriptor` is readable while some do.
final class ResultLine: Sendable {
    private struct Waiting {
        var results: [(token: UInt64, result: ErrandResult)] = []
        var isSignalled = false
    }

    private let waiting = Mutex(Waiting())
    let descriptor: Int32
    private let signal: Int32

    init() throws(LookupError) {
        var ends: [Int32] = [-1, -1]
        guard postern_pipe(&ends) == 0 else {
            throw LookupError("pipe: \(String(cString: strerror(errno)))")
        }
        (descriptor, signal) = (ends[0], ends[1])
        // A full pipe is signal enough.
        for end in ends { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    }

    deinit {
        close(descriptor)
        close(signal)
    }

    func add(_ token: UInt64, _ result: ErrandResult) {
        let isFirst = waiting.withLock { waiting in
            waiting.results.append((token, result))
            defer { waiting.isSignalled = true }
            return !waiting.isSignalled
        }
        guard isFirst else { return }
        var octet: UInt8 = 0
        _ = write(signal, &octet, 1)
    }

    func takeAll() -> [(token: UInt64, result: ErrandResult)] {
        // Emptied before the list is taken: what is added later signals anew.
        var octets = [UInt8](repeating: 0, count: 64)
        _ = octets.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        return waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting.results
        }
    }
}
