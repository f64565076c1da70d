// SPDX-License-Identifier: MIT

import Gates
import Synchronization

/// Keeps cases in memory.
final class RecordingKeeper: CaseKeeper {
    let level: CaseLevel
    private let records = Mutex<[CaseRecord]>([])

    init(level: CaseLevel) { self.level = level }

    func keep(_ record: CaseRecord) { records.withLock { $0.append(record) } }

    private let tableRecords = Mutex<[TableRecord]>([])

    func keep(_ record: TableRecord) { tableRecords.withLock { $0.append(record) } }

    var tables: [TableRecord] { tableRecords.withLock { $0 } }

    var all: [CaseRecord] { records.withLock { $0 } }
}
