// SPDX-License-Identifier: MIT

internal import NIOCore
internal import NIOPosix

/// What one connection that is being made wants to know of its host. The event loop asks it for both families
/// of addresses; one look-up answers both.
final class HostQuery: Resolver, @unchecked Sendable {
    // Sendable: everything but the constants is touched on the loop alone.

    /// The resolver gave no address.
    struct Failure: Error, CustomStringConvertible {
        let reason: String
        var description: String { "its address can't be found: \(reason)" }
    }

    private let lookup: HostLookup
    private let v4: EventLoopPromise<[SocketAddress]>
    private let v6: EventLoopPromise<[SocketAddress]>
    private var isOver = false
    /// In the order in which they are to be tried; empty where there is no answer.
    private(set) var addresses: [SocketAddress] = []
    /// There was an answer, perhaps that there is no such host.
    private(set) var isAnswered = false

    init(_ lookup: HostLookup, loop: any EventLoop) {
        self.lookup = lookup
        v4 = loop.makePromise()
        v6 = loop.makePromise()
    }

    /// Asked first.
    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        lookup.begin(self)
        return v6.futureResult
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { v4.futureResult }

    /// The connection was given up. The look-up goes on for the others, and for nobody.
    func cancelQueries() {
        lookup.leave(self)
        end(.failed(reason: "it is not wanted any more"))
    }

    func finish(_ answer: HostLookup.Answer) {
        isAnswered = true
        end(answer)
    }

    private func end(_ answer: HostLookup.Answer) {
        guard !isOver else { return }
        isOver = true
        switch answer {
        case .addresses(let addresses):
            self.addresses = addresses
            v6.succeed(addresses.filter { $0.protocol == .inet6 })
            v4.succeed(addresses.filter { $0.protocol == .inet })
        case .failed(let reason):
            v6.fail(Failure(reason: reason))
            v4.fail(Failure(reason: reason))
        }
    }
}
