// SPDX-License-Identifier: MIT

internal import Mail
internal import NIOCore
internal import NIOPosix
internal import SMTPProtocol

/// One try at a connection where rules judge each address before it is connected to: one address after the
/// other, in the resolver's order, within the time of one connection.
///
/// On the event loop only.
final class AddressWalk: @unchecked Sendable {
    // Sendable: everything but the constants is touched on the loop alone.
    private let hop: NextHop
    private let attempt: NextHop.Attempt
    private let judge: any DeliveryJudge
    private let deadline: NIODeadline
    private var addresses: [SocketAddress] = []
    private var index = 0
    /// Why the last address was of no use.
    private var reason = "no address"

    init(_ hop: NextHop, _ attempt: NextHop.Attempt, judge: any DeliveryJudge) {
        self.hop = hop
        self.attempt = attempt
        self.judge = judge
        deadline = .now() + .milliseconds(Int64(hop.settings.limits.connectMs))
    }

    func begin() {
        if let address = hop.address {
            addresses = [address]
            return step()
        }
        let query = hop.lookup.makeQuery()
        let timer = hop.loop.assumeIsolated().scheduleTask(deadline: deadline) { query.cancelQueries() }
        _ = query.initiateAAAAQuery(host: hop.host, port: hop.port)
        query.initiateAQuery(host: hop.host, port: hop.port).assumeIsolated().whenComplete { [self] result in
            timer.cancel()
            addresses = query.addresses
            if case .failure(let error) = result {
                reason =
                    query.isAnswered
                    ? "\(error)" : "its address was not found within \(hop.settings.limits.connectMs) ms"
            }
            step()
        }
    }

    /// The next address, or the end of the try.
    private func step() {
        guard index < addresses.count else { return giveUp() }
        guard NIODeadline.now() < deadline else {
            reason = "no connection within \(hop.settings.limits.connectMs) ms"
            return giveUp()
        }
        guard let address = addresses[index].ipAddress.flatMap({ IPAddress($0) }) else {
            return pass("an address of another kind")
        }
        let query = AddressQuery(
            channel: hop.channel, number: index + 1, count: addresses.count, address: address, host: hop.host)
        let loop = hop.loop
        judge.judge(query) { ruling in loop.execute { self.obey(ruling, query) } }
    }

    private func obey(_ ruling: AddressRuling, _ query: AddressQuery) {
        guard index < addresses.count else { return }
        switch ruling {
        case .connect: connect(to: addresses[index])
        case .skip: pass("\(query.address) is passed over by a rule")
        case .replace(let other):
            // An address of ours as text always makes one.
            guard let target = try? SocketAddress(ipAddress: other.description, port: hop.port) else {
                return pass("\(other) can't be used")
            }
            connect(to: target)
        case .reject:
            hop.finish(attempt)
            hop.refuseWaiting()
        }
    }

    private func pass(_ reason: String) {
        self.reason = reason
        index += 1
        step()
    }

    private func connect(to address: SocketAddress) {
        let left = deadline - .now()
        hop.bootstrap(attempt).connectTimeout(max(left, .milliseconds(1))).connect(to: address)
            .hop(to: hop.loop).assumeIsolated().whenFailure { [self] error in
                guard !attempt.isTaken else { return }
                pass(NextHop.reason(error))
            }
    }

    private func giveUp() {
        guard hop.finish(attempt) else { return }
        hop.failed(.lost(reason))
    }
}
