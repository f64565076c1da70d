// SPDX-License-Identifier: MIT

internal import Mail

extension SettingsReader {
    mutating func readSession() -> SessionSettings {
        var table = table("limits")
        // The queue takes no larger message than 256M; clients give up waiting for a reply after 600 s.
        var settings = SessionSettings(
            messageOctetsMax: table.size("message_size", default: 10 << 20, in: (64 << 10)...(256 << 20)),
            recipientsMax: table.integer("recipients", default: 1_000, in: 1...10_000),
            sessionsMax: table.integer("sessions", default: 1_000, in: 1...100_000),
            commandSecondsMax: table.duration("command_time", default: 300, in: 1...3_600),
            dataSecondsMax: table.duration("data_time", default: 3_600, in: 1...86_400),
            lookupSecondsMax: table.duration("lookup_time", default: 20, in: 1...240),
            contentSecondsMax: table.duration("content_time", default: 120, in: 1...480))
        settings.rejectedRecipientsMax = table.integer(
            "rejected_recipients", default: settings.rejectedRecipientsMax, in: 1...100_000)
        settings.harvestDelaySeconds = table.duration(
            "harvest_delay", default: settings.harvestDelaySeconds, in: 0...60)
        table.close()
        return settings
    }

    mutating func readQueue() -> QueueSettings {
        var table = table("queue")
        let gigabyte = 1 << 30
        let sizes = gigabyte / 1_024...(gigabyte << 14)
        var settings = QueueSettings(
            spoolOctetsMax: table.size("spool_size", default: 16 * gigabyte, in: sizes),
            owedOctetsMax: table.size("owed_size", default: 16 * gigabyte, in: sizes),
            heldOctetsMax: table.size("held_size", default: 4 * gigabyte, in: sizes),
            reserveOctets: table.size("reserve", default: 256 << 20, in: 0...(gigabyte << 10)),
            heldFull: table.word("held_full", default: .defer),
            retrySeconds: table.durations("retry", countMax: 100, in: 1...604_800)
                ?? [900, 1_800, 3_600, 7_200, 14_400],
            expirySeconds: table.duration("expiry", default: 5 * 86_400, in: 60...(30 * 86_400)))
        settings.copiesFolder = path(
            table.string("copies"), table.name("copies"), below: surroundings.folder)
        table.close()
        return settings
    }

    mutating func readCases() -> CaseSettings {
        var table = table("cases")
        let settings = CaseSettings(
            level: table.word("level", default: .headers),
            octetsMax: table.size("max_size", default: 2 << 30, in: (1 << 20)...(1 << 44)),
            daysMax: table.integer("max_days", default: 14, in: 1...3_650),
            foldPerMinute: table.integer("fold_per_minute", default: 20, in: 1...100_000))
        table.close()
        return settings
    }
}
