// SPDX-License-Identifier: MIT

import ArgumentParser

/// Which entries a list shows.
struct QueueFilters: ParsableArguments {
    @Option(help: "Only this destination channel.")
    var channel: String?
    @Option(help: "Sender: * is any text, ? one character, case doesn't matter; empty for the null sender.")
    var from: String?
    @Option(help: "A recipient, in the same way.")
    var to: String?
    @Option(help: "Why it is held or waits, in the same way.")
    var reason: String?
    @Flag(help: "One JSON object a line.")
    var json = false
}
