// SPDX-License-Identifier: MIT

import Configuration
import Gates
import Replay

/// The case log as the configuration sets it.
enum CaseWiring {
    static func log(_ context: RoleContext) -> CaseLog {
        let settings = context.settings.cases
        var limits = CaseLimits()
        limits.octetsMax = settings.octetsMax
        limits.daysMax = settings.daysMax
        limits.foldPerMinute = settings.foldPerMinute
        limits.reserveOctets = 2 * context.settings.queue.reserveOctets
        return CaseLog(
            folder: "cases", writer: context.name,
            level: CaseLevel(rawValue: settings.level.rawValue) ?? .headers,
            limits: limits, counters: context.counters, logger: context.logger)
    }
}
