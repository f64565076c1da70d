// SPDX-License-Identifier: MIT

package import DurableQueue
package import SMTPProtocol

/// Everything that the outbound role is told by the wiring. Paths are relative to the state folder, in which
/// every role runs.
package struct OutboundSettings: Sendable {
    /// Where mail for a destination channel goes.
    package enum Route: Hashable, Sendable {
        /// A maildir: one file for each entry in `path/new`.
        case maildir(path: String)
        /// One next hop, by name or address literal without brackets; no MX look-up.
        case smtp(host: String, port: Int, connectionsMax: Int)
    }

    /// By destination channel. An entry whose channel isn't here is held for the postmaster, never dropped.
    package var routes: [String: Route]
    /// What we call ourselves in EHLO (RFC 5321 §4.1.1.1), and the host part of maildir file names.
    package var hostname: String
    /// When a deferred entry is tried again, and when it expires.
    package var schedule: RetrySchedule
    /// What a next hop may cost us, the times of RFC 5321 §4.5.3.2 included.
    package var sending = SendingLimits()
    package var limits = OutboundLimits()
    package var probes = ProbeLimits()
    /// The Unix stream socket on which commands come in.
    package var commandSocketPath = "run/outbound.sock"
    /// The Unix datagram socket on which Inbound hints that something was committed.
    package var wakeSocketPath = "run/wake.sock"
    /// The log of what people did to entries; see `ActLog`.
    package var actLogPath = "queue/acts"
    /// Below which copies of what was delivered are kept, where a rule asks for them.
    package var copiesFolder = "copies"
    /// The mark that is there as long as the role runs; see `InFlightTable`.
    package var runningMarkPath = "queue/running"
    /// Tells one run of the machine from another; empty where that isn't known.
    package var bootID = ""
    /// How often the queue is looked at though nobody hinted, in milliseconds. A lost hint costs at most
    /// this.
    package var pollIntervalMs = 1_000
    /// How the address of a next hop that is given by name is found.
    var lookUp: HostLookup.Ask = { HostLookup.system(host: $0, port: $1) }

    package init(routes: [String: Route], hostname: String, schedule: RetrySchedule) {
        self.routes = routes
        self.hostname = hostname
        self.schedule = schedule
    }
}

/// What the outbound role may hold in memory and in flight.
package struct OutboundLimits: Sendable {
    /// Entries in memory; the others stay on disk and are read when there is room.
    package var itemsMax = 10_000
    /// Entries handed to a next hop for each of its connections. More than one, so that a connection that is
    /// done needn't wait for the controller's thread.
    package var windowPerConnection = 8
    /// For the TCP connection, the look-up of the next hop's name included, in milliseconds; the RFC names no
    /// time.
    package var connectMs = 30_000
    /// How long a connection waits for its next message, in milliseconds. RFC 5321 §4.5.3.2.7 has a server
    /// wait 5 minutes; many wait less, and a connection that the server closes under us costs a new one.
    package var idleMs = 5_000
    /// Messages over one connection. A next hop behind a balancer gets its load spread again.
    package var messagesPerConnectionMax = 1_000
    /// Octets of content encoded at once. Bounds what a connection holds in memory, whatever the message's
    /// size.
    package var chunkOctetsMax = 65_536
    /// Octets of the entries handed to one next hop or maildir, at most, but for one entry.
    package var handedOctetsMax = 64 << 20
    /// Maildir entries written before their folder is synced, once for all of them.
    package var maildirBatchMax = 64
    /// How long a next hop that can't be reached, or a maildir that can't be used, is left alone, in
    /// milliseconds: doubled with each failure from the first to the second. Short at first, because most
    /// outages are restarts.
    package var restMs = 1_000...60_000
    /// How long an entry waits for a next hop or maildir that is left alone, in milliseconds, before it is
    /// deferred and moves out of the spool, whose segments can't be freed while one entry of them waits.
    package var restingPatienceMs = 60_000
    /// How long a client of `release` waits for the delivery attempt, in milliseconds. The attempt itself
    /// goes on.
    package var releaseWaitMs = 120_000
    /// Octets of messages whose copies a rule is still being asked about, at most: beyond it none is kept.
    package var copiesPendingOctetsMax = 64 << 20
    /// Free disk below which no copy is kept, in octets: mail comes first.
    package var copiesReserveOctets = 512 << 20
    /// How long it takes until the same channel is run again at a client's wish (ETRN), in milliseconds: each
    /// costs a look at the whole queue.
    package var channelRunMs = 10_000
    /// Waiting entries that one such run makes due, at most; the next takes the rest.
    package var channelRunEntriesMax = 10_000
    /// How long a stop waits for what is in flight, in milliseconds.
    package var stopBudgetMs = 30_000

    package init() {}
}
