// SPDX-License-Identifier: MIT
internal import Mail

extension Keeper {
    /// Writes what `delivered` and `deferred` noted, moves deferred entries out of the spool, and syncs the
    /// log when that is due or asked for. What nobody needs any more is deleted after the sync. Call it after
    /// each batch and about once a second besides.
    ///
    /// An error says what the disk refused; nothing is lost by it, and the next call tries again. Where the
    /// log itself failed a new one is begun; where that fails too, `poll` hands out nothing until it
    /// succeeds.
    package func flush(sync: Bool = false) throws(QueueError) {
        if log.isSpent { try renewLog() }
        var trouble: QueueError?
        if !moves.isEmpty, disk.monotonicMs() >= movesRetryMs {
            let batch = Array(moves.prefix(limits.movesPerFlushMax))
            moves.removeFirst(batch.count)
            do throws(QueueError) {
                try moveOut(batch)
            } catch {
                trouble = error
                movesRetryMs = disk.monotonicMs() + limits.diskRetryMs
            }
        }
        let isDue = disk.monotonicMs() - syncedMs >= limits.logSyncMs
        try writeLog(sync: sync || isDue)
        publishUsage()
        if let trouble { throw trouble }
    }

    /// Writes the log's buffer and, if asked, syncs it and deletes what was waiting for that.
    func writeLog(sync: Bool) throws(QueueError) {
        do throws(DiskError) {
            if !log.isSpent {
                try log.write()
                if sync { try log.sync() }
            }
        } catch {
            note(Finding(.diskTrouble, layout.log(log.sequence), "a new log is begun: \(error)"))
        }
        if log.isSpent {
            try renewLog()
        } else if sync {
            syncedMs = disk.monotonicMs()
            clean()
        }
    }

    /// Begins a new log from the live state. Everything noted so far is synced when this returns.
    func renewLog() throws(QueueError) {
        do throws(DiskError) {
            // What the new log doesn't mention any more must be gone for good.
            for folder in dirtyFolders.sorted() {
                do throws(DiskError) {
                    try disk.syncFolder(folder)
                } catch {
                    if !error.isMissing, !error.isNoFolder { throw error }
                }
                dirtyFolders.remove(folder)
            }
            let used = spare
            spare = nil
            let fresh = try KeeperLog.make(
                sequence: log.sequence + 1, states: liveStates(), spare: used, octets: limits.logOctets,
                layout: layout, on: disk)
            let old = layout.log(log.sequence)
            log.close()
            log = fresh
            // Left behind, it is older than the one in use, and deleted at the next start.
            try? disk.remove(old)
        } catch {
            log.spend()
            throw QueueError(error, while: "a new log was begun")
        }
        removeOldLogs()
        // Without a spare, the next log needs room on the disk when its time comes.
        spare = try? KeeperLog.makeSpare(layout: layout, octets: limits.logOctets, on: disk)
        syncedMs = disk.monotonicMs()
        clean()
    }

    private func removeOldLogs() {
        // A log that stays is older than ours and never read.
        for name in (try? disk.list(layout.logs)) ?? [] {
            guard let sequence = QueueLayout.number(in: name, suffix: ".log"), sequence < log.sequence else {
                continue
            }
            try? disk.remove(layout.log(sequence))
        }
    }

    /// Everything that a new log must say for what is on the disk to be understood.
    private func liveStates() -> [(EntryID, LoggedState)] {
        var states: [(EntryID, LoggedState)] = logged.map { ($0.key, $0.value) }
        for segment in segments.values {
            for (offset, count, hasEffects) in segment.finished {
                let message = MessageID(generation: segment.generation, offset: offset)
                if hasEffects { states.append((.effects(of: message), .done(.carriedOver))) }
                for index in 0..<count where entries[EntryID(message: message, index: index)] == nil {
                    states.append((EntryID(message: message, index: index), .done(.carriedOver)))
                }
            }
        }
        for (message, known) in spooled {
            if known.hasEffects, effects[message] == nil {
                states.append((.effects(of: message), .done(.carriedOver)))
            }
            for index in 0..<known.entryCount where entries[EntryID(message: message, index: index)] == nil {
                states.append((EntryID(message: message, index: index), .done(.carriedOver)))
            }
        }
        for case .storeFile(let id, _) in trash where entries[id] == nil {
            states.append((id, .done(.carriedOver)))
        }
        for (id, entry) in entries where entry.place != .spool || !entry.doneRecipients.isEmpty {
            states.append((id, entry.state(.carriedOver)))
        }
        return states
    }

    /// Deletes what the log, now synced, says is over.
    private func clean() {
        var kept: [Trash] = []
        for item in trash {
            let (path, folder): (String, String) =
                switch item {
                case .storeFile(let id, let place):
                    (layout.storeFile(place, id), layout.storeFolder(place, id))
                case .body(let slot, let name): (layout.body(slot, name), layout.bodies(slot))
                }
            do throws(DiskError) {
                try disk.remove(path)
                dirtyFolders.insert(folder)
            } catch {
                if !error.isMissing { kept.append(item) }
            }
        }
        trash = kept
        var waiting: [SpooledSegment] = []
        for segment in retiring where segment.isDone {
            do throws(DiskError) {
                try disk.remove(layout.segment(segment.slot, segment.generation))
            } catch {
                if !error.isMissing {
                    waiting.append(segment)
                    continue
                }
            }
            // A mark that stays is deleted at the next start.
            try? disk.remove(layout.mark(segment.slot, segment.generation))
            dirtyFolders.insert(layout.slot(segment.slot))
            segment.close(on: disk)
            segments[segment.generation] = nil
        }
        retiring = waiting
    }

    private func publishUsage() {
        let now = disk.monotonicMs()
        guard isStoreChanged, now - publishedMs >= limits.admissionRenewMs else { return }
        publishedMs = now
        isStoreChanged = false
        let usage = usage
        let stored = StoredUsage(owedOctets: usage.owedOctets, heldOctets: usage.heldOctets)
        // Admission then decides on the last numbers that it could read.
        try? stored.write(layout: layout, disk: disk)
    }

    // MARK: Out of the spool

    /// Nothing is owed for an entry any more.
    func finish(_ id: EntryID, _ entry: LiveEntry, _ event: LoggedState.Event) {
        log.append(id, .done(event))
        entries[id] = nil
        switch entry.place {
        case .spool:
            if let stray = entry.stray { trash.append(.storeFile(id, stray)) }
            leaveSpool(id.message)
        case .store(let place):
            trash.append(.storeFile(id, place))
            isStoreChanged = true
        }
    }

    /// One entry of a message is not in the spool any more.
    func leaveSpool(_ message: MessageID) {
        guard var known = spooled[message] else { return }
        known.live -= 1
        guard known.live == 0 else {
            spooled[message] = known
            return
        }
        spooled[message] = nil
        if let name = known.bodyName { trash.append(.body(slot: known.segment.slot, name: name)) }
        known.segment.live -= 1
        known.segment.finished.append((message.offset, known.entryCount, known.hasEffects))
        if known.segment.isDone { retiring.append(known.segment) }
    }

    /// Gives entries files of their own in the store: file synced, named, folder synced, then the log. Those
    /// that the disk refused stay in the spool and are queued again; the first error is thrown at the end.
    func moveOut(_ ids: [EntryID]) throws(QueueError) {
        var trouble: QueueError?
        var linked: [(id: EntryID, place: QueueLayout.Place, folder: String)] = []
        for id in ids {
            guard let entry = entries[id], entry.place == .spool, let target = entry.target else { continue }
            do throws(QueueError) {
                try link(id, entry, target)
                linked.append((id, target, layout.storeFolder(target, id)))
            } catch {
                trouble = trouble ?? error
                keepInSpool(id, error)
            }
        }
        var synced: [String: Bool] = [:]
        for (id, place, folder) in linked {
            if synced[folder] == nil {
                do throws(DiskError) {
                    try disk.syncFolder(folder)
                    synced[folder] = true
                } catch {
                    synced[folder] = false
                    trouble = trouble ?? QueueError(error, while: "an entry was moved to \(folder)")
                }
            }
            guard synced[folder] == true, var entry = entries[id] else {
                entries[id]?.stray = place
                moves.append(id)
                continue
            }
            entry.place = .store(place)
            entry.target = nil
            entry.stray = nil
            entries[id] = entry
            log.append(id, entry.state(.movedOut))
            leaveSpool(id.message)
            isStoreChanged = true
        }
        if !linked.isEmpty { try writeLog(sync: true) }
        if let trouble { throw trouble }
    }

    private func keepInSpool(_ id: EntryID, _ error: QueueError) {
        guard error.code == .damaged else {
            moves.append(id)
            return
        }
        entries[id]?.target = nil
        entries[id]?.item.state = .held
        entries[id]?.item.reason = cut(error.description)
        note(Finding(.damaged, id.description, error.description))
    }

    private func link(_ id: EntryID, _ entry: LiveEntry, _ place: QueueLayout.Place) throws(QueueError) {
        let content = try content(id, entry)
        try link(id, entry, content, splitFrom: nil, in: place)
    }

    /// Writes and names the store file of `entry`; its folder is not synced.
    func link(
        _ id: EntryID, _ entry: LiveEntry, _ content: QueuedContent, splitFrom: Int?,
        in place: QueueLayout.Place
    ) throws(QueueError) {
        let item = entry.item
        let head = StoreHead(
            id: id, caseID: item.caseID, reason: item.reason, arrived: item.arrived, since: item.since,
            sender: item.sender, isEightBit: item.isEightBit, channel: item.channel, attempts: item.attempts,
            nextAttempt: item.nextAttempt, recipients: entry.allRecipients,
            doneRecipients: entry.doneRecipients,
            note: content.note, splitFrom: splitFrom, messageOctets: 0, messageChecksum: 0,
            options: item.options)
        do throws(DiskError) {
            let folder = try storeFolder(place, id)
            let file = try StoreFile.write(
                head, content.edition, of: content.body, in: folder, on: disk,
                reasonOctetsMax: limits.reasonOctetsMax)
            defer { disk.close(file) }
            let path = layout.storeFile(place, id)
            do throws(DiskError) {
                try disk.link(file, to: path)
            } catch {
                guard error.isTaken else { throw error }
                // Of an earlier try whose folder could not be synced.
                try disk.remove(path)
                try disk.link(file, to: path)
            }
        } catch {
            throw QueueError(error, while: "entry \(id) was moved to \(place.name)/")
        }
    }

    /// The hashed folder, made where it isn't there yet.
    func storeFolder(_ place: QueueLayout.Place, _ id: EntryID) throws(DiskError) -> String {
        let folder = layout.storeFolder(place, id)
        if !madeFolders.contains(folder) {
            try disk.makeFolder(folder)
            try disk.syncFolder(layout.store(place))
            madeFolders.insert(folder)
        }
        return folder
    }

    // MARK: Content

    func content(_ id: EntryID, _ entry: LiveEntry) throws(QueueError) -> QueuedContent {
        let envelope = Envelope(
            sender: entry.item.sender, recipients: entry.item.recipients, isEightBit: entry.item.isEightBit)
        switch entry.place {
        case .spool: return try spooledContent(id, entry.item, envelope)
        case .store(let place):
            let file: DiskFile
            let opened: StoreFile
            do throws(DiskError) {
                file = try disk.open(layout.storeFile(place, id))
            } catch {
                throw QueueError(error, while: "entry \(id) was read")
            }
            defer { disk.close(file) }
            do throws(DiskError) {
                opened = try StoreFile.read(file, disk, limits)
            } catch {
                throw QueueError(error, while: "entry \(id) was read")
            }
            guard case .entry(let head, let start) = opened else {
                throw QueueError(.damaged, "\(file.path) is not what was written", isTransient: false)
            }
            let body = try StoreFile.message(of: file, head, from: start, disk)
            return QueuedContent(
                item: entry.item, envelope: envelope, note: head.note,
                edition: .unchanged(octets: body.count),
                body: body)
        }
    }

    private func spooledContent(
        _ id: EntryID, _ item: QueueItem, _ envelope: Envelope
    ) throws(QueueError) -> QueuedContent {
        guard let known = spooled[id.message] else { throw noSuchEntry(id) }
        let damaged = QueueError(
            .damaged, "message \(id.message) in \(known.segment.file.path) is not what was written",
            isTransient: false)
        let memory = QueueMemory(octets: RecordHead.octets + known.payloadOctets)
        do throws(DiskError) {
            let count = try disk.read(known.segment.file, at: Int(id.message.offset), into: memory.bytes)
            guard count == memory.bytes.count else {
                throw DiskError(call: "pread", path: known.segment.file.path, number: 5)
            }
        } catch {
            throw QueueError(error, while: "message \(id.message) was read")
        }
        let bytes = UnsafeRawBufferPointer(memory.bytes)
        let payload = UnsafeRawBufferPointer(rebasing: bytes[RecordHead.octets...])
        guard let head = RecordHead.read(bytes, expecting: id.message, seed: known.segment.seed),
            head.payloadOctets == payload.count,
            Checksum.of(payload, seed: known.segment.seed) == head.payloadChecksum
        else { throw damaged }
        let record: CommitRecord
        do throws(RecordBytes.Malformed) {
            record = try CommitRecord(payload, withContent: true)
        } catch {
            throw damaged
        }
        guard record.entries.indices.contains(id.index) else { throw damaged }
        let body: MessageBytes
        if let range = record.bodyRange {
            body = MessageBytes(
                taking: UnsafeRawBufferPointer(rebasing: payload[range]), release: .owner(memory))
        } else {
            body = try largeBody(record, slot: known.segment.slot)
        }
        return QueuedContent(
            item: item, envelope: envelope, note: record.note,
            edition: record.editions[record.entries[id.index].edition], body: body)
    }

    private func largeBody(_ record: CommitRecord, slot: String) throws(QueueError) -> MessageBytes {
        let path = layout.body(slot, record.bodyName ?? "")
        let file: DiskFile
        do throws(DiskError) {
            file = try disk.open(path)
        } catch {
            if error.isMissing {
                throw QueueError(.damaged, "\(path), which a message names, is not there", isTransient: false)
            }
            throw QueueError(error, while: "a large body was read")
        }
        defer { disk.close(file) }
        let octets: Int
        do throws(DiskError) {
            octets = try disk.octets(of: file)
        } catch {
            throw QueueError(error, while: "a large body was read")
        }
        guard octets == record.bodyOctets else {
            throw QueueError(
                .damaged, "\(path) has \(octets) octets, its message says \(record.bodyOctets)",
                isTransient: false)
        }
        let memory = try FileBytes.read(file, octets: octets, from: 0, record.bodyChecksum, disk)
        return MessageBytes(taking: UnsafeRawBufferPointer(memory.bytes), release: .owner(memory))
    }
}
