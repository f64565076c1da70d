// SPDX-License-Identifier: MIT

import Foundation

/// Waits for something that another process does.
enum Waiting {
    /// Far more than anything takes on a quiet machine: a deadline is for a failing test, not a measurement.
    static let secondsMax = 60.0

    /// What `found` returns once it isn't nil; asked again until then.
    static func until<Value>(
        _ what: String, seconds: Double = secondsMax, _ found: () throws -> Value?
    ) throws -> Value {
        let end = Date().addingTimeInterval(seconds)
        while true {
            if let value = try found() { return value }
            guard Date() < end else { throw HarnessError("waited in vain for \(what)") }
            usleep(10_000)
        }
    }

    /// Until it is so.
    static func until(_ what: String, isTrue: () throws -> Bool) throws {
        try until(what) { try isTrue() ? () : nil }
    }
}
