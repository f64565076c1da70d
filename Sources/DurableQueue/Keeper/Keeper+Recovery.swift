// SPDX-License-Identifier: MIT
internal import Mail

extension Keeper {
    struct OpenedLog: ~Copyable {
        var log: KeeperLog
        var states: [EntryID: LoggedState]
        var findings: [Finding]
    }

    /// The newest log with its states; a new one where there is none.
    static func openLog(
        layout: QueueLayout, disk: any QueueDisk, limits: QueueLimits, window: ReadWindow
    ) throws(QueueError) -> OpenedLog {
        var findings: [Finding] = []
        do {
            let sequences = try disk.list(layout.logs).compactMap {
                QueueLayout.number(in: $0, suffix: ".log")
            }
            for sequence in sequences.sorted(by: >) {
                let file = try disk.open(layout.log(sequence))
                let page = QueueMemory(octets: SegmentHead.pageOctets)
                let count = try disk.read(file, at: 0, into: page.bytes)
                let read = UnsafeRawBufferPointer(rebasing: page.bytes[..<count])
                switch SegmentHead.read(read, content: .log) {
                case .head(let head) where head.generation == sequence:
                    let octets = try disk.octets(of: file)
                    let replay = try KeeperLog.replay(
                        file, head: head, octets: octets, on: disk, window: window)
                    let log = KeeperLog(
                        continuing: file, head: head, octets: octets, end: replay.end, on: disk)
                    return OpenedLog(log: log, states: replay.states, findings: findings + replay.findings)
                case .unknownVersion(let version):
                    disk.close(file)
                    throw QueueError.otherVersion(file.path, version, .log)
                case .head, .damaged:
                    disk.close(file)
                    findings.append(
                        Finding(
                            .damaged, file.path,
                            "its head is unreadable; deliveries from the spool may be repeated"
                        ))
                }
            }
            let next = (sequences.max() ?? 0) + 1
            let log = try KeeperLog.make(
                sequence: next, states: [], spare: nil, octets: limits.logOctets, layout: layout, on: disk)
            return OpenedLog(log: log, states: [:], findings: findings)
        } catch let error as DiskError {
            throw QueueError(error, while: "the log was read")
        } catch let error as QueueError {
            throw error
        } catch {
            throw QueueError(.diskFailed, "the log was not read", cause: "\(error)", isTransient: true)
        }
    }

    /// Brings log, store and spool together, reads the spool, and writes a new log from what is live.
    func recover() throws(QueueError) {
        _ = try listSegments()
        if let otherVersion { throw otherVersion }
        try recoverStore()
        forgetStatesOfDeletedSegments()
        sweepBodiesOfDeletedSegments()
        sweepMarks()
        repeat { readSpool() } while mayHaveUnread && spooled.count < limits.messagesInMemoryMax
        try markFoldersDirty()
        report.segments = segments.count
        for entry in entries.values {
            switch entry.item.state {
            case .inFlight: report.inFlight += 1
            case .waiting: report.waiting += 1
            case .held: report.held += 1
            }
        }
        do throws(QueueError) {
            try renewLog()
        } catch {
            // A full disk must not keep us from delivering: the old log goes on as long as it has room.
            if log.isSpent { throw error }
            note(Finding(.diskTrouble, layout.logs, "the old log goes on for now: \(error)"))
        }
    }

    /// What the last keeper deleted may come back with a power cut, as long as its folders are not synced.
    /// The new log forgets those entries, so the folders are synced before it counts.
    private func markFoldersDirty() throws(QueueError) {
        do throws(DiskError) {
            for slot in try disk.list(layout.spool) where slot != "generation" && slot != "usage" {
                dirtyFolders.insert(layout.slot(slot))
            }
        } catch {
            throw QueueError(error, while: "the slots were looked through")
        }
        dirtyFolders.formUnion(madeFolders)
    }

    // MARK: The store

    private func recoverStore() throws(QueueError) {
        var places: [EntryID: [QueueLayout.Place]] = [:]
        var heads: [EntryID: [QueueLayout.Place: StoreFile]] = [:]
        do throws(DiskError) {
            for place in QueueLayout.Place.allCases {
                for folder in try disk.list(layout.store(place)) {
                    let path = "\(layout.store(place))/\(folder)"
                    madeFolders.insert(path)
                    for name in try disk.list(path) {
                        guard let id = EntryID(name), layout.storeFolder(place, id) == path else {
                            leftAlone.insert("\(path)/\(name)")
                            note(
                                Finding(
                                    .damaged, "\(path)/\(name)", "it is no entry of ours here; left alone"))
                            continue
                        }
                        places[id, default: []].append(place)
                        heads[id, default: [:]][place] = try StoreFile.open(
                            path: "\(path)/\(name)", disk, limits)
                    }
                }
            }
        } catch {
            throw QueueError(error, while: "the store was looked through")
        }
        // Before anything is changed: no file may be of a newer version.
        for files in heads.values {
            for case .newer(let what) in files.values { throw QueueError.newer(what) }
        }
        for id in places.keys.sorted() {
            try recover(id, heads[id] ?? [:])
        }
        settleMissing()
        settleSplits()
    }

    private func recover(_ id: EntryID, _ files: [QueueLayout.Place: StoreFile]) throws(QueueError) {
        let state = logged[id]
        if state?.place == .done {
            for place in files.keys {
                trash.append(.storeFile(id, place))
                note(Finding(.leftover, id.description, "it was done; its file in \(place.name)/ is deleted"))
            }
            return
        }
        var files = files
        for (place, file) in files {
            guard case .damaged(let why) = file else { continue }
            try moveAside(id, place, why)
            files[place] = nil
        }
        if files.isEmpty {
            loseStoreFile(id, state)
            return
        }
        if files.count > 1 {
            // A person was asked, or is; nothing goes out before the answer is certain.
            note(Finding(.inTwoPlaces, id.description, "it was in owed/ and in held/; held/ counts"))
            try removeNow(layout.storeFile(.owed, id), folder: layout.storeFolder(.owed, id))
            files[.owed] = nil
        }
        guard let (place, file) = files.first, case .entry(let head, _) = file else { return }
        if state == nil || state?.place == .spool {
            note(
                Finding(
                    .movedUnrecorded, id.description,
                    "the log did not know that it was in \(place.name)/; it is"))
        } else if state?.place != LoggedState.Place(place) {
            note(
                Finding(
                    .movedUnrecorded, id.description,
                    "its file is in \(place.name)/, against the log; the file counts"
                ))
        }
        entries[id] = restored(id, head, place, state)
        logged[id] = nil
        if place == .owed { arrivals.append(id) }
        if let parent = head.splitFrom {
            splitOff[EntryID(message: id.message, index: parent), default: []].formUnion(head.recipients)
        }
    }

    private func restored(
        _ id: EntryID, _ head: StoreHead, _ place: QueueLayout.Place, _ state: LoggedState?
    ) -> LiveEntry {
        let item = QueueItem(
            id: id, caseID: head.caseID, sender: head.sender, recipients: head.recipients,
            isEightBit: head.isEightBit, channel: head.channel, arrived: head.arrived, since: head.since,
            octets: head.messageOctets, options: head.options,
            state: place == .held ? .held : .waiting, attempts: head.attempts,
            nextAttempt: head.nextAttempt, reason: head.reason)
        var entry = LiveEntry(item: item, place: .store(place))
        var done = Set(head.doneRecipients)
        if let state, state.place != .spool {
            entry.item.reason = state.reason
            entry.item.attempts = state.attempts
            entry.item.nextAttempt = state.nextAttempt
            entry.item.since = state.since
            done.formUnion(state.doneRecipients)
            if place == .owed, state.place == .held {
                // Released, but for the record of it.
                entry.item.since = disk.wallSeconds()
                entry.item.attempts = 0
                entry.item.nextAttempt = entry.item.since
            }
        }
        entry.settle(numbers: done, of: head.recipients)
        return entry
    }

    /// An unreadable file of an entry is kept for a person, out of the way.
    private func moveAside(_ id: EntryID, _ place: QueueLayout.Place, _ why: String) throws(QueueError) {
        let path = layout.storeFile(place, id)
        let target = "\(layout.damaged)/\(place.name)-\(id)"
        do throws(DiskError) {
            try disk.rename(path, to: target)
            try disk.syncFolder(layout.damaged)
            try disk.syncFolder(layout.storeFolder(place, id))
        } catch {
            throw QueueError(error, while: "the damaged file of \(id) was moved aside")
        }
        note(Finding(.damaged, path, "\(why); it is \(target) now"))
    }

    /// The store's only file of an entry is unreadable. What waited is taken from the spool again if that
    /// still has it; what was held is not, for nobody has decided to let it out.
    private func loseStoreFile(_ id: EntryID, _ state: LoggedState?) {
        if var state, state.place == .owed {
            state.place = .spool
            logged[id] = state
        } else {
            logged[id] = .done(.deleted)
        }
    }

    private func removeNow(_ path: String, folder: String) throws(QueueError) {
        do throws(DiskError) {
            try disk.remove(path)
            try disk.syncFolder(folder)
        } catch {
            throw QueueError(error, while: "\(path) was removed")
        }
    }

    /// Where the crash fell between a split-off entry's file and the record of it, the parent still counts
    /// those recipients as its own.
    private func settleSplits() {
        for (parent, recipients) in splitOff {
            guard var entry = entries[parent] else { continue }
            entries[parent] = entry.settle(Array(recipients)) ? nil : entry
        }
    }

    /// What the log believes to be in the store and isn't: settled, its record lost; or removed by hand.
    private func settleMissing() {
        for (id, state) in logged where state.place == .owed || state.place == .held {
            let place = state.place == .owed ? "owed" : "held"
            note(
                Finding(
                    .missing, id.description,
                    "the log says \(place)/, there is no file: delivered or deleted just before a crash, "
                        + "or removed by somebody"))
            logged[id] = .done(.deleted)
        }
    }

    // MARK: What is left of segments that are gone

    private func forgetStatesOfDeletedSegments() {
        logged = logged.filter { segments[$0.key.message.generation] != nil }
    }

    private func sweepBodiesOfDeletedSegments() {
        let slots: [String]
        do throws(DiskError) {
            slots = try disk.list(layout.spool)
        } catch {
            note(Finding(.diskTrouble, layout.spool, "unnamed bodies stay for now: \(error)"))
            return
        }
        for slot in slots where !slotsWithDamage.contains(slot) {
            // Bodies first, segments then: a writer has a segment before it has bodies. What can't be listed
            // now is found at the next start.
            guard let names = try? disk.list(layout.bodies(slot)), !names.isEmpty else { continue }
            do throws(QueueError) {
                _ = try listSegments()
            } catch {
                note(Finding(.diskTrouble, layout.bodies(slot), "unnamed bodies stay for now: \(error)"))
                return
            }
            let writers = Set(segments.values.lazy.filter { $0.slot == slot }.map(\.writer))
            delete(
                orphans: names.filter { BodyName($0).map { !writers.contains($0.writer) } ?? false },
                slot: slot)
        }
    }

    /// Marks whose segments are gone. A writer makes the mark after the segment.
    private func sweepMarks() {
        // A few octets that stay are found at the next start.
        for slot in (try? disk.list(layout.spool)) ?? [] {
            for name in (try? disk.list(layout.slot(slot))) ?? [] {
                guard let generation = QueueLayout.number(in: name, suffix: ".mark"),
                    segments[generation] == nil
                else { continue }
                do throws(DiskError) {
                    _ = try disk.octets(at: layout.segment(slot, generation))
                } catch {
                    // One that stays is found at the next start.
                    if error.isMissing { try? disk.remove(layout.mark(slot, generation)) }
                }
            }
        }
    }
}

extension QueueError {
    static func newer(_ what: String) -> QueueError {
        QueueError(
            .unknownVersion,
            "a newer version wrote this queue: \(what); nothing was changed, update this gateway",
            isTransient: false)
    }

    /// A segment or log at `path` whose format isn't ours, newer or older.
    static func otherVersion(
        _ path: String, _ version: UInt32, _ content: SegmentHead.Content
    ) -> QueueError {
        let what = "\(path) has format \(version), this version reads \(content.versionsText)"
        guard version < content.versions.lowerBound else { return newer(what) }
        return QueueError(
            .unknownVersion,
            "an older version wrote this queue: \(what); nothing was changed. Let that version deliver what "
                + "is in flight (`postern queue summary`), stop it, remove what is left in spool/*/, then "
                + "start this one: waiting and held mail is taken over",
            isTransient: false)
    }
}
