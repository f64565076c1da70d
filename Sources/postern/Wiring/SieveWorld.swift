// SPDX-License-Identifier: MIT

import FoundationEssentials
import Mail

/// What a script that is tried out hears of the world: the time, and lists out of files. Nothing is
/// remembered.
struct SieveWorld {
    /// Seconds since 1970-01-01 UTC; nil: the clock's.
    var now: Int64?
    /// Keys by list, in lower case.
    var lists: [String: Set<String>]

    func answer(_ question: Question) -> Answer {
        switch question {
        case .time: .time(now ?? Int64(Date().timeIntervalSince1970))
        case .memory: .memory(expires: nil)
        case .database(let asked):
            if asked.wantsKeys, let keys = lists[asked.database] {
                .database(.keys(keys.sorted()))
            } else if let keys = lists[asked.database] {
                .database(keys.contains(asked.key.lowercased()) ? .value("") : .none)
            } else {
                .database(.failed("there is no list \(asked.database)"))
            }
        default: .unavailable("nobody to ask")
        }
    }
}
