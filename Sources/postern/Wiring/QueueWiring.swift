// SPDX-License-Identifier: MIT

import Configuration
import DurableQueue

/// The queue's limits as the configuration sets them.
enum QueueWiring {
    static func limits(_ settings: Settings) -> QueueLimits {
        var limits = QueueLimits()
        limits.messageOctetsMax = settings.session.messageOctetsMax
        limits.recipientsMax = max(limits.recipientsMax, settings.session.recipientsMax)
        limits.reserveOctets = settings.queue.reserveOctets
        limits.spoolOctetsMax = settings.queue.spoolOctetsMax
        limits.owedOctetsMax = settings.queue.owedOctetsMax
        limits.heldOctetsMax = settings.queue.heldOctetsMax
        return limits
    }
}
