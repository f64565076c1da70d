// SPDX-License-Identifier: MIT

internal import Gates
internal import Glibc
internal import Mail

extension SettingsReader {
    // MARK: Text databases

    mutating func readDatabases(rulesFolder: String) -> [DatabaseSettings] {
        namedTables("database").compactMap { name, table in
            var table = table
            checkName(name, of: "database")
            let file = table.required("file", example: "file = \"general.txt\"")
            let isLive = table.flag("live", default: false)
            table.close()
            guard let file, let path = path(file, table.name("file"), below: rulesFolder) else { return nil }
            if isLive, surroundings.isMachineChecked, access(path, R_OK) != 0 {
                reading.complain(
                    at: file.place,
                    "\(table.name("file")): \(path) can't be read: \(RuleFile.systemError(errno))",
                    help: "give a text file of keys and values that postern's user may read")
            }
            return DatabaseSettings(name: name.value, file: file.value, path: path, isLive: isLive)
        }
    }

    // MARK: Meters

    mutating func readMeters() -> [MeterSettings] {
        namedTables("meter").map { name, table in
            var table = table
            checkName(name, of: "meter")
            let said = table.required("type", example: "type = \"throttle\"")
            let kind: MeterSettings.Kind =
                said.flatMap { table.word($0, name: table.name("type")) } ?? .simple
            let settings = MeterSettings(
                name: name.value, kind: kind, keyKind: table.word("data_type", default: .string),
                entriesMax: table.integer("max_entries", default: 100_000, in: 1...5_000_000),
                quota: table.integer("quota", default: 100, in: 0...1_000_000_000),
                quotaSeconds: table.duration("quota_time", default: 60, in: 1...2_592_000),
                blockSeconds: table.duration("block_time", default: 300, in: 0...86_400),
                resubmitSeconds: table.duration("resubmit_time", default: 14_400, in: 1...2_592_000),
                inactivitySeconds: table.duration("inactivity_time", default: 604_800, in: 1...31_536_000))
            let _: MeterSettings.Storage = table.word("storage", default: .hash)
            table.close()
            if said != nil { check(settings, table) }
            return settings
        }
    }

    /// A key that another type has would lie there and do nothing.
    private func check(_ meter: MeterSettings, _ table: TableReader) {
        let kinds: [(MeterSettings.Kind, [String])] = [
            (.throttle, ["quota", "quota_time"]),
            (.greylist, ["block_time", "resubmit_time", "inactivity_time"]),
        ]
        for (kind, keys) in kinds where kind != meter.kind {
            for key in keys {
                guard let place = table.place(of: key) else { continue }
                reading.complain(
                    at: place, "\(table.name(key)) means nothing for a meter of type \(meter.kind.rawValue)",
                    help: "take it out, or write type = \"\(kind.rawValue)\"")
            }
        }
        if meter.kind == .greylist, meter.resubmitSeconds <= meter.blockSeconds,
            let place = table.place(of: "resubmit_time") ?? table.place(of: "block_time")
        {
            reading.complain(
                at: place, "\(table.name("resubmit_time")) ends before block_time does: nobody ever passes",
                help: "make resubmit_time longer than block_time: both count from the first attempt")
        }
    }

    // MARK: Redis

    mutating func readRedis() -> RedisSettings? {
        var table = table("redis")
        let server = readRedisServer(&table)
        let passwordFile = readPasswordFile(&table)
        let timeoutMs = table.integer("timeout_ms", default: 500, in: 10...30_000)
        let prefix = table.string("prefix")
        if let prefix, prefix.value.utf8.count > 64 {
            reading.complain(
                at: prefix.place, "redis.prefix has \(prefix.value.utf8.count) octets; 64 are allowed",
                help: "write something short that no other user of that server has, such as \"postern:\"")
        }
        let keeps = table.strings("keeps", countMax: 2)?.compactMap { said -> RedisSettings.Kept? in
            table.word(said, name: "an element of \(table.name("keeps"))")
        }
        table.close()
        guard let server else { return nil }
        return RedisSettings(
            server: server, passwordFile: passwordFile, timeoutMs: timeoutMs,
            prefix: prefix?.value ?? "postern:", keeps: Set(keeps ?? [.meters]))
    }

    private func readRedisServer(_ table: inout TableReader) -> RedisSettings.Server? {
        guard let said = table.string("server") else {
            if table.isPresent, table.place(of: "server") == nil {
                table.missing("server", example: "server = \"127.0.0.1:6379\"")
            }
            return nil
        }
        if said.value.utf8.first == UInt8(ascii: "/"), !said.value.utf8.contains(0),
            said.value.utf8.count <= 107
        {
            return .unix(said.value)
        }
        if let server = NextHop(said.value) { return .tcp(server) }
        reading.complain(
            at: said.place, "\"\(said.value)\" is no Redis server",
            help: "write \"127.0.0.1:6379\", or the absolute path of its Unix socket")
        return nil
    }

    /// A file with a secret of ours; its path.
    func readPasswordFile(_ table: inout TableReader) -> String? {
        guard let said = table.string("password_file"), !said.value.isEmpty,
            let path = path(said, table.name("password_file"), below: surroundings.folder)
        else { return nil }
        guard surroundings.isMachineChecked else { return path }
        var about = stat()
        if access(path, R_OK) != 0 {
            reading.complain(
                at: said.place,
                "\(table.name("password_file")): \(path) can't be read: \(RuleFile.systemError(errno))",
                help: "give a file whose first line is the password, readable by postern's user")
        } else if stat(path, &about) == 0, about.st_mode & 0o004 != 0 {
            reading.complain(
                at: said.place, "\(table.name("password_file")): \(path) can be read by everybody",
                help: "chmod o-r \(path)", severity: .warning)
        }
        return path
    }
}
