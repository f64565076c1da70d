// SPDX-License-Identifier: MIT

import Foundation
import Glibc

/// Stands where outbound's command socket is. Each connection's first line is noted, then `serve` has the
/// connection.
final class FakeOutbound: @unchecked Sendable {
    // Sendable: nothing here changes after init.
    let requests = Journal<String>()
    /// One entry for each connection that its client ended.
    let departures = Journal<Bool>()
    private let listener: Int32

    init(path: String, serve: @escaping @Sendable (Wire) -> Void) throws {
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let listener = listener
        guard Wire.withAddress(path, { bind(listener, $0, $1) }) == 0, listen(listener, 8) == 0 else {
            throw POSIXError(.EADDRINUSE)
        }
        let (requests, departures) = (requests, departures)
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                let wire = Wire(client)
                guard let line = wire.line() else { continue }
                requests.append(line)
                serve(wire)
                // What comes now can only be the end.
                if wire.rest().isEmpty, wire.isEnded { departures.append(true) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
