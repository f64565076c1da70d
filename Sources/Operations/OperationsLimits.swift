// SPDX-License-Identifier: MIT

/// What clients of the operations role may cost it.
package struct OperationsLimits: Sendable {
    // Pages.

    /// HTTP connections at once; more are closed as they come. A monitoring system needs one.
    package var pageConnectionsMax = 64
    /// One header field or the request line, in octets. No path of ours has more than 20.
    package var fieldOctetsMax = 8_192
    /// Request line and header fields together, in octets.
    package var headerOctetsMax = 16_384
    /// Header fields of one request. Browsers send about 15.
    package var headerFieldsMax = 64
    /// A body that nobody asked for is read and dropped up to here, in octets, so that the connection can go
    /// on.
    package var bodyOctetsMax = 8_192
    /// From one answer (or the connection's start) to the end of the next request, in milliseconds, however
    /// it drips.
    package var requestMs = 30_000
    /// Requests over one connection. A client that never reads can't make us keep more answers than this.
    package var requestsPerConnectionMax = 1_000
    /// How long `/health` and `/metrics` wait for the dispatcher, in milliseconds. Monitoring gives up after
    /// about 10 s.
    package var healthMs = 2_000
    /// How old the dispatcher's last word may be, in milliseconds: it has more to do than to feed dashboards.
    package var healthAgeMs = 1_000

    // Control socket.

    /// Connections at once. Each is a person's command.
    package var controlConnectionsMax = 64
    /// One request, in octets.
    package var controlLineOctetsMax = 1 << 20
    /// One answer of outbound, in octets: the longest list it gives has 100,000 rows.
    package var answerOctetsMax = 64 << 20
    /// How long a client may take over a request, in milliseconds.
    package var controlIdleMs = 60_000
    /// How long the dispatcher may take over `status` and `stop`, in milliseconds.
    package var dispatcherMs = 5_000
    /// The same for `reload`; the dispatcher itself gives up after 60 s.
    package var reloadMs = 90_000
    /// How long outbound may be silent, in milliseconds. A release waits for a next hop, outbound itself up
    /// to 120 s.
    package var outboundMs = 300_000

    // Beginning and end.

    /// How long the HTTP port may be in a predecessor's hands, in milliseconds, and how often to look.
    package var bindMs = 10_000
    /// How often to try for the port meanwhile, in milliseconds.
    package var bindAgainMs = 100
    /// How long a stop waits for answers that are under way, in milliseconds.
    package var drainMs = 5_000

    package init() {}
}
