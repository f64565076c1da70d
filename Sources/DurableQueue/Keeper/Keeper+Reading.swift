// SPDX-License-Identifier: MIT
internal import Mail

extension Keeper {
    /// How often the slots' folders are looked through while there is something to read anyway.
    private static let listEveryMs: Int64 = 50
    /// Records that one call takes, so that it returns to whoever delivers.
    private static let recordsPerCallMax = 4_096

    /// The entry, with what was committed up to now taken into account; nil where it is certain that there is
    /// none.
    func find(_ id: EntryID) throws(QueueError) -> LiveEntry? {
        if entries[id] == nil { readSpool() }
        if let entry = entries[id] { return entry }
        if let listingTrouble { throw listingTrouble }
        guard let segment = segments[id.message.generation], UInt64(segment.readTo) <= id.message.offset
        else {
            return nil
        }
        if segment.retryMs > disk.monotonicMs() {
            throw QueueError(
                .diskFailed, "\(segment.file.path) can't be read now; entry \(id) may be in it",
                isTransient: true)
        }
        if spooled.count >= limits.messagesInMemoryMax {
            throw QueueError(
                .resourcesExhausted, "the spool is too long to be read as far as entry \(id) now",
                isTransient: true)
        }
        return nil
    }

    /// Takes what was committed, as far as memory allows. What the disk refuses is a finding, and tried again
    /// later.
    func readSpool() {
        let now = disk.monotonicMs()
        var taken = readSegments(now)
        if taken == 0 || now - listedMs >= Self.listEveryMs {
            listedMs = now
            do throws(QueueError) {
                if try listSegments() { taken += readSegments(now) }
                listingTrouble = nil
            } catch {
                listingTrouble = error
                note(Finding(.diskTrouble, layout.spool, "new segments are looked for again later: \(error)"))
            }
        }
        mayHaveUnread = taken > 0
    }

    private func readSegments(_ now: Int64) -> Int {
        var taken = 0
        for generation in segments.keys.sorted() {
            guard taken < Self.recordsPerCallMax, spooled.count < limits.messagesInMemoryMax else { break }
            guard let segment = segments[generation], !segment.isReadToEnd, segment.retryMs <= now else {
                continue
            }
            do throws(DiskError) {
                taken += try read(segment, recordsMax: Self.recordsPerCallMax - taken)
            } catch {
                segment.retryMs = now + limits.diskRetryMs
                note(Finding(.diskTrouble, segment.file.path, "it is read again later: \(error)"))
            }
        }
        return taken
    }

    /// Opens the segments that are new; whether there were any.
    func listSegments() throws(QueueError) -> Bool {
        var isNew = false
        do throws(DiskError) {
            for slot in try disk.list(layout.spool) where slot != "generation" && slot != "usage" {
                for name in try segmentNames(slot) {
                    guard let generation = QueueLayout.number(in: name, suffix: ".seg"),
                        segments[generation] == nil
                    else { continue }
                    if try adopt(layout.segment(slot, generation), slot: slot, generation) { isNew = true }
                }
            }
        } catch {
            throw QueueError(error, while: "the spool was looked through")
        }
        return isNew
    }

    private func segmentNames(_ slot: String) throws(DiskError) -> [String] {
        do throws(DiskError) {
            return try disk.list(layout.slot(slot))
        } catch {
            // Something of another's that is no slot.
            if error.isNoFolder { return [] }
            throw error
        }
    }

    private func adopt(_ path: String, slot: String, _ generation: UInt64) throws(DiskError) -> Bool {
        guard !leftAlone.contains(path) else { return false }
        let file: DiskFile
        do throws(DiskError) {
            file = try disk.open(path)
        } catch {
            // It was being made, and its making failed.
            if error.isMissing { return false }
            throw error
        }
        let page = QueueMemory(octets: SegmentHead.pageOctets)
        do throws(DiskError) {
            let octets = try disk.octets(of: file)
            let count = try disk.read(file, at: 0, into: page.bytes)
            let read = UnsafeRawBufferPointer(rebasing: page.bytes[..<count])
            switch SegmentHead.read(read, content: .spool) {
            case .head(let head) where head.generation == generation:
                segments[generation] = SpooledSegment(slot: slot, head: head, file: file, octets: octets)
                return true
            case .head(let head):
                leaveAlone(
                    path, slot, "its generation is \(String(head.generation, radix: 16)): it was renamed")
            case .unknownVersion(let version):
                let error = QueueError.otherVersion(path, version, .spool)
                otherVersion = otherVersion ?? error
                leaveAlone(path, slot, error.message)
            case .damaged:
                leaveAlone(path, slot, "both copies of its head are unreadable; its messages are lost to us")
            }
            disk.close(file)
            return false
        } catch {
            disk.close(file)
            throw error
        }
    }

    private func leaveAlone(_ path: String, _ slot: String, _ why: String) {
        leftAlone.insert(path)
        slotsWithDamage.insert(slot)
        note(Finding(.damaged, path, "\(why); the file is left as it is"))
    }

    /// Takes a segment's records; how many.
    private func read(_ segment: SpooledSegment, recordsMax: Int) throws(DiskError) -> Int {
        if !segment.isSealed, try disk.lock(segment.file, waiting: false) { try seal(segment) }
        let mark = segment.isSealed ? nil : try committedMark(segment)
        let limit = segment.isSealed ? segment.limit : min(mark?.committed ?? 0, segment.octets)
        guard segment.readTo < limit else {
            if segment.isSealed { finishReading(segment) }
            return 0
        }
        var scanner = RecordScanner(
            segment.file, generation: segment.generation, seed: segment.seed, from: segment.readTo, to: limit,
            window: window, on: disk)
        var taken = 0
        while taken < recordsMax, spooled.count < limits.messagesInMemoryMax {
            guard scanner.offset < limit else { break }
            switch try scanner.next() {
            case .record(let head, let payload):
                take(head, payload, of: segment)
                taken += 1
            case .damaged(let range, let head): isolate(range, head, of: segment)
            case .abandoned:
                // The writer answered no to all that follows.
                segment.limit = min(segment.limit, scanner.offset)
                segment.readTo = limit
                if segment.isSealed { finishReading(segment) }
                return taken
            case .tail(let start, let isBlank):
                endAtTail(start, isBlank: isBlank, limit: limit, of: segment)
                return taken
            }
            segment.readTo = scanner.offset
        }
        if segment.isSealed, segment.readTo >= limit { finishReading(segment) }
        return taken
    }

    private func endAtTail(_ start: Int, isBlank: Bool, limit: Int, of segment: SpooledSegment) {
        if !segment.isSealed || segment.committedAtSealing > start {
            // Below the mark everything was synced once, so this is damage, not a torn write.
            let end = segment.isSealed ? segment.committedAtSealing : limit
            isolate(start..<max(end, start), nil, of: segment)
        } else if !isBlank {
            note(
                Finding(
                    .tornTail, segment.file.path,
                    "its writer was cut off while it wrote at \(start); none of that was acknowledged"
                ))
        }
        segment.readTo = limit
        if segment.isSealed { finishReading(segment) }
    }

    /// The mark, or nil where its writer is just making or writing it.
    private func committedMark(_ segment: SpooledSegment) throws(DiskError) -> CommittedMark? {
        if segment.mark == nil {
            do throws(DiskError) {
                segment.mark = try disk.open(layout.mark(segment.slot, segment.generation))
            } catch {
                if !error.isMissing { throw error }
            }
        }
        guard let file = segment.mark else { return nil }
        return try CommittedMark.read(file, on: disk)
    }

    /// Its lock was free, and is ours now: no writer will touch it again.
    private func seal(_ segment: SpooledSegment) throws(DiskError) {
        let mark = try committedMark(segment)
        do throws(DiskError) {
            try disk.sync(segment.file)
        } catch {
            // What is in it was acknowledged or will be sent again; either way it is to be read.
            note(
                Finding(
                    .diskTrouble, segment.file.path, "it could not be synced when it was sealed: \(error)"))
        }
        segment.isSealed = true
        segment.limit = min(mark?.abandoned ?? segment.octets, segment.octets)
        segment.committedAtSealing = min(mark?.committed ?? 0, segment.limit)
    }

    /// All of it has been read. Bodies of its writer that no record names can go, once the writer has no
    /// other.
    private func finishReading(_ segment: SpooledSegment) {
        guard !segment.isReadToEnd else { return }
        segment.isReadToEnd = true
        if segment.recordsBeyondMark > 0 {
            note(
                Finding(
                    .writerDied, segment.file.path,
                    "its writer died; \(segment.recordsBeyondMark) messages beyond its mark were taken"
                ))
        }
        sweepBodies(of: segment)
        if segment.isDone { retiring.append(segment) }
    }

    /// Copies what can't be read into `damaged/` and reports it.
    private func isolate(_ range: Range<Int>, _ head: RecordHead?, of segment: SpooledSegment) {
        segment.hasDamage = true
        guard !range.isEmpty else { return }
        let id = MessageID(generation: segment.generation, offset: UInt64(range.lowerBound))
        let path = "\(layout.damaged)/\(id)"
        do throws(DiskError) {
            let memory = QueueMemory(octets: min(range.count, RecordHead.payloadOctetsMax))
            let count = try disk.read(segment.file, at: range.lowerBound, into: memory.bytes)
            let file = try disk.openUnnamed(in: layout.damaged)
            defer { disk.close(file) }
            try disk.write(UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]), to: file, at: 0)
            try disk.sync(file)
            do throws(DiskError) {
                try disk.link(file, to: path)
            } catch {
                // It was isolated before.
                if !error.isTaken { throw error }
            }
            try disk.syncFolder(layout.damaged)
            let what = head == nil ? "octets \(range) are no records" : "message \(id) is damaged"
            note(Finding(.damaged, segment.file.path, "\(what); what stood there is in \(path)"))
        } catch {
            segment.mustStay = true
            note(
                Finding(
                    .damaged, segment.file.path,
                    "octets \(range) are unreadable and could not be copied (\(error)); the segment is kept"))
        }
    }

    // MARK: Messages

    private func take(_ head: RecordHead, _ payload: UnsafeRawBufferPointer, of segment: SpooledSegment) {
        let record: CommitRecord
        do throws(RecordBytes.Malformed) {
            guard head.kind == RecordHead.Kind.commit.rawValue else {
                throw .init(what: "it is of kind \(head.kind)")
            }
            record = try CommitRecord(payload, withContent: false)
        } catch {
            note(Finding(.damaged, head.id.description, "its record can't be understood: \(error.what)"))
            let start = Int(head.id.offset)
            isolate(start..<(start + head.recordOctets), head, of: segment)
            return
        }
        if segment.isSealed, Int(head.id.offset) >= segment.committedAtSealing {
            segment.recordsBeyondMark += 1
        }
        var live = 0
        for (index, entry) in record.entries.enumerated() {
            let id = EntryID(message: head.id, index: index)
            let state = logged.isEmpty ? nil : logged.removeValue(forKey: id)
            // An entry with a file in the store is not in the spool any more, whatever the log says.
            if entries[id] != nil || state?.place == .done { continue }
            if admit(id, entry, record, state) { live += 1 }
        }
        let hasEffects = !record.effects.isEmpty
        if hasEffects, awaitEffects(of: head.id, record) { live += 1 }
        if live == 0 {
            segment.finished.append((head.id.offset, record.entries.count, hasEffects))
            if let name = record.bodyName { trash.append(.body(slot: segment.slot, name: name)) }
            return
        }
        segment.live += 1
        spooled[head.id] = SpooledMessage(
            segment: segment, payloadOctets: head.payloadOctets, entryCount: record.entries.count,
            hasEffects: hasEffects, live: live, bodyName: record.bodyName)
    }

    /// False where nothing is owed for it any more.
    private func admit(
        _ id: EntryID, _ entry: CommitRecord.Entry, _ record: CommitRecord, _ state: LoggedState?
    ) -> Bool {
        let channel =
            switch entry.debt {
            case .deliver(let channel), .hold(let channel, _): channel
            }
        let item = QueueItem(
            id: id, caseID: record.caseID, sender: entry.sender.map(\.address) ?? record.sender,
            recipients: entry.recipients,
            isEightBit: record.isEightBit, channel: channel, arrived: record.arrived, since: record.arrived,
            octets: entry.octets, options: entry.options, state: .inFlight, attempts: state?.attempts ?? 0,
            nextAttempt: state?.nextAttempt ?? 0, reason: state?.reason ?? "")
        var live = LiveEntry(item: item, place: .spool)
        if let done = state?.doneRecipients { live.settle(numbers: Set(done), of: entry.recipients) }
        if !splitOff.isEmpty, let gone = splitOff[id] { _ = live.settle(Array(gone)) }
        guard !live.item.recipients.isEmpty else { return false }
        switch entry.debt {
        case .deliver: arrivals.append(id)
        case .hold(_, let reason):
            live.item.state = .held
            live.item.reason = cut(reason)
            live.target = .held
            moves.append(id)
        }
        entries[id] = live
        return true
    }

    // MARK: Bodies

    /// Deletes bodies of the segment's writer that no record names, once the writer is gone and all that it
    /// wrote has been read.
    private func sweepBodies(of segment: SpooledSegment) {
        guard !slotsWithDamage.contains(segment.slot) else { return }
        func isOver() -> Bool {
            segments.values.allSatisfy {
                $0.slot != segment.slot || $0.writer != segment.writer || ($0.isReadToEnd && !$0.hasDamage)
            }
        }
        guard isOver() else { return }
        do throws(QueueError) {
            // A writer locks its next segment before it lets the last go: one that lives on shows up here.
            if try listSegments(), !isOver() { return }
            let names: [String]
            do throws(DiskError) {
                names = try disk.list(layout.bodies(segment.slot))
            } catch {
                if error.isMissing { return }
                throw QueueError(error, while: "bodies were looked through")
            }
            delete(orphans: names.filter { BodyName($0)?.writer == segment.writer }, slot: segment.slot)
        } catch {
            note(Finding(.diskTrouble, layout.bodies(segment.slot), "unnamed bodies stay for now: \(error)"))
        }
    }

    func delete(orphans names: [String], slot: String) {
        guard !names.isEmpty else { return }
        var named = Set(spooled.values.lazy.filter { $0.segment.slot == slot }.compactMap(\.bodyName))
        for case .body(slot, let name) in trash { named.insert(name) }
        for name in names where !named.contains(name) {
            do throws(DiskError) {
                try disk.remove(layout.body(slot, name))
                dirtyFolders.insert(layout.bodies(slot))
                note(Finding(.orphanBody, layout.body(slot, name), "no record names it; deleted"))
            } catch {
                // Still there at the next start, and found again.
            }
        }
    }
}
