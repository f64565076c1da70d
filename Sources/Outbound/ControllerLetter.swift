// SPDX-License-Identifier: MIT

internal import Mail

/// What reaches the controller's thread.
enum ControllerLetter: Sendable {
    case reports([DeliveryReport])
    case command(Command)
    /// A maildir can't be used, as its writer found before there was anything to write.
    case maildirTrouble(path: String, Reply)
    /// Take no more work, finish what is in flight.
    case stop
}
