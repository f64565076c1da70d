// SPDX-License-Identifier: MIT

/// What reaches the controller's thread.
enum ControllerLetter: Sendable {
    case reports([DeliveryReport])
    case command(Command)
    /// Take no more work, finish what is in flight.
    case stop
}
