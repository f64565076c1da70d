// SPDX-License-Identifier: MIT

/// The configuration that `postern config bench` prints: a plain relay for measuring, with every judge awake.
///
/// Clients on loopback relay any recipient to one next hop. Nobody outside is asked: the one DNS list of the
/// shipped tables is answered from here.
package enum BenchConfiguration {
    /// Complete text for `serve --config`. `listen` and `nextHop` are as `Endpoint` and `NextHop` read them;
    /// `state` and `rules` are absolute; with `scanner`, the signatures in `rules`/signatures are loaded.
    package static func text(
        listen: Endpoint, nextHop: NextHop, state: String, rules: String, scanner: Bool
    ) -> String {
        """
        # A relay on loopback, for measuring: every domain goes to one next hop.
        # Not for a port that the outside reaches.

        [gateway]
        hostname = "bench.postern.test"
        postmaster = "postmaster@bench.postern.test"
        state = \(quoted(state))
        rules = \(quoted(rules))

        [[service]]
        name = "smtp"
        kind = "smtp"
        listen = \(quoted(listen.description))

        [operations]
        listen = "127.0.0.1:0"

        [channel.tcp_local]
        [channel.tcp_intranet]

        [channel.bench]
        next_hop = \(quoted(nextHop.description))
        connections = 50

        [domains]
        "." = "bench"

        [cases]
        level = "headers"

        # The shipped tables name these; they count no client on loopback.
        [meter.connections]
        type = "throttle"
        [meter.submissions]
        type = "throttle"
        [meter.grey]
        type = "greylist"

        [dns]
        local_zones = ["dnsbl.postern.test"]
        local_data = ["9.0.0.127.dnsbl.postern.test. A 127.0.0.2"]
        \(scanner ? scannerTable(rules) : "")
        """
    }

    private static func scannerTable(_ rules: String) -> String {
        """

        [scanner.clamav]
        kind = "clamav"
        signatures = \(quoted(rules + "/signatures"))

        """
    }

    /// A basic string (TOML 1.0.0): quotes, backslashes and control characters escaped.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
