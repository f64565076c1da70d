// SPDX-License-Identifier: MIT
package import Mail

/// What became of a release.
package enum ReleaseOutcome: String, Hashable, Sendable {
    case released
    /// It is owed already: somebody else released it.
    case alreadyReleased = "already_released"
    /// Nothing is owed or held under this id: delivered, deleted, or never there.
    case gone
}

/// What became of a deletion.
package enum DeleteOutcome: String, Hashable, Sendable {
    case deleted
    case gone
}

// What a person decides; synced before it is answered.
extension Keeper {
    /// Holds an entry, or, where `recipients` are only some of those still owed, an entry of their own that
    /// is split off. The id of the one that is held. An entry that is held already keeps its place and gets
    /// the new reason.
    @discardableResult
    package func hold(
        _ id: EntryID, recipients: [Address]? = nil, reason: String
    ) throws(QueueError) -> EntryID {
        guard let entry = try find(id) else { throw noSuchEntry(id) }
        if let recipients {
            let chosen = Set(recipients)
            let taken = entry.item.recipients.filter(chosen.contains)
            guard !taken.isEmpty else {
                throw QueueError(
                    .noSuchEntry, "none of the recipients is owed anything by entry \(id)", isTransient: false
                )
            }
            if taken.count < entry.item.recipients.count {
                return try split(id, entry, taken, reason: reason)
            }
        }
        try hold(id, entry, reason: cut(reason))
        return id
    }

    private func hold(_ id: EntryID, _ entry: LiveEntry, reason: String) throws(QueueError) {
        var held = entry
        held.item.state = .held
        held.item.reason = reason
        if case .store(let place) = entry.place {
            writeReason(reason, of: id, in: place)
            try rename(id, to: .held)
            held.place = .store(.held)
            entries[id] = held
            isStoreChanged = true
            log.append(id, held.state(.held))
            try writeLog(sync: true)
            return
        }
        held.target = .held
        entries[id] = held
        do throws(QueueError) {
            try moveOut([id])
        } catch {
            // As before: the caller hears that it isn't held.
            if let now = entries[id], now.place == .spool {
                var before = entry
                before.stray = now.stray
                entries[id] = before
            }
            throw error
        }
    }

    /// Lets a held entry go: it is owed from now on, its lifetime begins anew, and `poll` tells it. From any
    /// number of callers, across any number of restarts, it goes out once.
    package func release(_ id: EntryID, now: Int64) throws(QueueError) -> ReleaseOutcome {
        guard let entry = try find(id) else { return .gone }
        guard entry.item.state == .held else { return .alreadyReleased }
        if entry.place == .spool {
            entries[id]?.target = .held
            try moveOut([id])
        }
        try rename(id, to: .owed)
        guard var released = entries[id] else { return .gone }
        released.item.state = .waiting
        released.item.attempts = 0
        released.item.since = now
        released.item.nextAttempt = now
        entries[id] = released
        isStoreChanged = true
        arrivals.append(id)
        log.append(id, released.state(.released))
        try writeLog(sync: true)
        return .released
    }

    /// Nobody gets it any more, whatever its state. An error leaves open whether it is still there.
    package func delete(_ id: EntryID) throws(QueueError) -> DeleteOutcome {
        guard let entry = try find(id) else { return .gone }
        finish(id, entry, .deleted)
        do throws(QueueError) {
            try writeLog(sync: true)
        } catch {
            // The next log is written without it: it is deleted as soon as the disk allows anything.
            note(Finding(.diskTrouble, id.description, "its deletion is not synced yet: \(error)"))
            throw error
        }
        return .deleted
    }

    /// Moves a store file between the two folders; the target's name is synced before the source's end.
    private func rename(_ id: EntryID, to target: QueueLayout.Place) throws(QueueError) {
        guard let entry = entries[id], case .store(let place) = entry.place else { return }
        do throws(DiskError) {
            let folder = try storeFolder(target, id)
            if place != target {
                try disk.rename(layout.storeFile(place, id), to: layout.storeFile(target, id))
                // From here on its file is there, synced or not. The state changes with the syncs.
                entries[id]?.place = .store(target)
            }
            try disk.syncFolder(folder)
            try disk.syncFolder(layout.storeFolder(target == .owed ? .held : .owed, id))
        } catch {
            if error.isMissing, entries[id]?.place == LiveEntry.Place.store(target) { return }
            throw QueueError(error, while: "entry \(id) was moved to \(target.name)/")
        }
    }

    /// For whoever reads the file with `less`. The log has it too: where the disk refuses, only that reader
    /// is misled.
    private func writeReason(_ reason: String, of id: EntryID, in place: QueueLayout.Place) {
        guard let file = try? disk.open(layout.storeFile(place, id)) else { return }
        defer { disk.close(file) }
        let line = StoreHead.reasonLine(reason, octetsMax: limits.reasonOctetsMax)
        var buffer = RecordBuffer(capacity: line.count)
        line.withUnsafeBytes { buffer.put($0) }
        try? disk.write(buffer.bytes, to: file, at: StoreHead.reasonOffset)
    }

    /// A held entry of its own for some recipients of another: its file is synced before the other's record
    /// says that they are no longer its own.
    private func split(
        _ id: EntryID, _ entry: LiveEntry, _ recipients: [Address], reason: String
    ) throws(QueueError) -> EntryID {
        var index = EntryID.splitIndexMin
        while entries[EntryID(message: id.message, index: index)] != nil
            || trash.contains(.storeFile(EntryID(message: id.message, index: index), .held))
            || trash.contains(.storeFile(EntryID(message: id.message, index: index), .owed))
        {
            index += 1
        }
        let splitID = EntryID(message: id.message, index: index)
        let content = try content(id, entry)
        let old = entry.item
        let item = QueueItem(
            id: splitID, caseID: old.caseID, sender: old.sender, recipients: recipients,
            isEightBit: old.isEightBit,
            channel: old.channel, arrived: old.arrived, since: old.since, octets: old.octets,
            options: old.options, state: .held,
            attempts: old.attempts, nextAttempt: old.nextAttempt, reason: cut(reason))
        let held = LiveEntry(item: item, place: LiveEntry.Place.store(.held))
        try link(splitID, held, content, splitFrom: id.index, in: .held)
        do throws(DiskError) {
            try disk.syncFolder(layout.storeFolder(.held, splitID))
        } catch {
            // Whether the name survives is open: gone or not, it must not count beside its parent.
            trash.append(.storeFile(splitID, .held))
            throw QueueError(error, while: "entry \(splitID) was split off")
        }
        entries[splitID] = held
        isStoreChanged = true
        var parent = entry
        _ = parent.settle(recipients)
        entries[id] = parent
        log.append(splitID, held.state(.split))
        log.append(id, parent.state(.split))
        try writeLog(sync: true)
        return splitID
    }
}
