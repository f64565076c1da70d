// SPDX-License-Identifier: MIT

import Gates
import Synchronization

/// Keeps cases in memory.
final class RecordingKeeper: CaseKeeper {
    let level: CaseLevel
    private let records = Mutex<[CaseRecord]>([])

    init(level: CaseLevel) { self.level = level }

    func keep(_ record: CaseRecord) { records.withLock { $0.append(record) } }

    var all: [CaseRecord] { records.withLock { $0 } }
}
