// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Glibc

/// `postern config bench`: a plain relay on loopback, for measuring.
struct ConfigBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Print a complete configuration of a relay on loopback, for measuring.",
        discussion: """
            `serve --config FILE` takes the text as it is. Clients on loopback relay any recipient to the one next hop \
            over SMTP; nobody outside is asked. Mapping tables, Sieve and cases are on, the scanner with --scanner only.
            """)

    @Option(
        help: ArgumentHelp(
            "Where to listen for SMTP; port 0 lets the system pick one.", valueName: "address:port"))
    var listen: String

    @Option(help: ArgumentHelp("The server that gets all mail.", valueName: "host:port"))
    var nextHop: String

    @Option(
        help: ArgumentHelp("Folder for queue, cases and sockets; made if it isn't there.", valueName: "dir"))
    var state: String

    @Option(help: ArgumentHelp("Folder of the mapping tables, with `sieve` beside it.", valueName: "dir"))
    var rules = "rules"

    @Flag(help: "Scan with the signatures below the rules folder.")
    var scanner = false

    func run() throws {
        guard let listen = Endpoint(listen) else {
            throw CommandFailure.badUsage(
                "--listen \(listen): write an address and a port, such as 127.0.0.1:2525")
        }
        guard let nextHop = NextHop(nextHop) else {
            throw CommandFailure.badUsage(
                "--next-hop \(nextHop): write a host and a port, such as 127.0.0.1:10025")
        }
        guard !state.isEmpty else { throw CommandFailure.badUsage("--state names no folder") }
        let mappings = InputFile.join(rules, "mappings")
        guard access(mappings, R_OK) == 0 else {
            throw CommandFailure.badUsage(
                "\(mappings): can't be read: \(String(cString: strerror(errno))); name its folder with --rules"
            )
        }
        StandardOutput.print(
            BenchConfiguration.text(
                listen: listen, nextHop: nextHop, state: try InputFile.absolute(state),
                rules: try InputFile.absolute(rules), scanner: scanner))
    }
}
