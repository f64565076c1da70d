// SPDX-License-Identifier: MIT

import Configuration
import Glibc
import Lookups
import Telemetry

/// The senses of the lookups role, as the configuration sets them.
struct SenseWiring {
    let settings: Settings
    /// With its password, which is read while that file may still be opened.
    private let redis: RedisServer?
    /// With the secrets that we bind by, read likewise.
    let directories: [Lookups.DirectorySettings]

    /// Before the role gives up its rights.
    init(_ settings: Settings) throws {
        self.settings = settings
        redis = try settings.redis.map(Self.server)
        directories = try settings.directories.map(Self.directory)
    }

    /// Folders of files that are read again and again, users' scripts among them. Not the files alone:
    /// whoever replaces one makes another of that name, and a right to a file ends with that file.
    var readOnlyPaths: [String] {
        let live = settings.databases.filter(\.isLive).map(\.path) + passwordPaths
        let folders = live.map { RuleFolder.parent(of: $0) } + settings.filters.folders.values
        return Set(folders + authoritiesPaths).sorted()
    }

    /// Below the state folder.
    static let readWritePaths = [StateFolder.keptFolder, StateFolder.sequenceFolder]

    /// Milliseconds for what is answered from memory, or from files of ours. The meters' file is written anew
    /// now and then, which takes a moment for millions of entries.
    private static let localBudgetMs = 5_000
    /// Tasks that one worker takes together: one sync, or one exchange with Redis, for all of them.
    private static let batchMax = 64

    /// Begins their threads: after the role gave up its rights.
    func senses(_ context: RoleContext) -> Senses {
        var senses = Senses()
        // First: it sets a variable of the environment, which no thread may look at meanwhile.
        addDirectories(context, to: &senses)
        senses.database = databases(context)
        senses.sequence = local("the sequences", batchMax: 256) { [logger = context.logger] in
            SequenceFiles(folder: StateFolder.sequenceFolder, logger: logger)
        }
        senses.meter = meters(context)
        senses.memory = memory(context)
        if !settings.filters.folders.isEmpty {
            senses.script = ScriptFolders.sense(settings.filters.folders, budgetMs: Self.localBudgetMs)
        }
        return senses
    }

    private func databases(_ context: RoleContext) -> (any Sense)? {
        let live = settings.databases.filter(\.isLive)
        guard !live.isEmpty else { return nil }
        return LiveDatabases(
            files: Dictionary(live.map { ($0.name, $0.path) }, uniquingKeysWith: { $1 }),
            budgetMs: Self.localBudgetMs, logger: context.logger)
    }

    private func meters(_ context: RoleContext) -> any Sense {
        let tables = Self.tables(settings.meters)
        let (counters, logger) = (context.counters, context.logger)
        if let redis, settings.redis?.keeps.contains(.meters) == true {
            return remote("the meters", redis) {
                RedisMeters(server: redis, tables: tables, counters: counters, logger: logger)
            }
        }
        let line = local("the meters", batchMax: 256) {
            LocalMeters(path: StateFolder.meterLog, tables: tables, counters: counters, logger: logger)
        }
        line.start()
        return line
    }

    private func memory(_ context: RoleContext) -> any Sense {
        let (counters, logger) = (context.counters, context.logger)
        if let redis, settings.redis?.keeps.contains(.memory) == true {
            return remote("the memory", redis) {
                RedisMemory(server: redis, counters: counters, logger: logger)
            }
        }
        let line = local("the memory", batchMax: 256) {
            LocalMemory(path: StateFolder.memoryLog, counters: counters, logger: logger)
        }
        line.start()
        return line
    }

    private func local(
        _ name: String, batchMax: Int, _ makeWork: @escaping @Sendable () -> any SenseWork
    ) -> SenseLine {
        SenseLine(name: name, budgetMs: Self.localBudgetMs, batchMax: batchMax, makeWork: makeWork)
    }

    /// Half of the time is for those who came while Redis let others wait.
    private func remote(
        _ name: String, _ redis: RedisServer, _ makeWork: @escaping @Sendable () -> any SenseWork
    ) -> SenseLine {
        SenseLine(
            name: "\(name) in redis \(redis.address)", budgetMs: 2 * redis.timeoutMs,
            batchMax: Self.batchMax, makeWork: makeWork)
    }

    /// With the one that `conn_throttle` counts in.
    static func tables(_ meters: [MeterSettings]) -> [MeterTable] {
        let tables = meters.map { meter in
            let kind: MeterTable.Kind =
                switch meter.kind {
                case .throttle:
                    .throttle(
                        quota: Int64(meter.quota), milliseconds: Int64(meter.quotaSeconds) * 1_000)
                case .greylist:
                    .greylist(
                        block: Int64(meter.blockSeconds) * 1_000,
                        resubmit: Int64(meter.resubmitSeconds) * 1_000,
                        inactivity: Int64(meter.inactivitySeconds) * 1_000)
                case .simple: .simple
                }
            let keyKind: MeterTable.KeyKind =
                switch meter.keyKind {
                case .string: .text
                case .ipv4: .ipv4
                case .ip: .ip
                }
            return MeterTable(name: meter.name, kind: kind, keyKind: keyKind, entriesMax: meter.entriesMax)
        }
        let connection = MeterTable.connectionThrottle
        return tables.contains { $0.name == connection.name } ? tables : tables + [connection]
    }

    private static func server(_ settings: RedisSettings) throws -> RedisServer {
        let address: RedisServer.Address =
            switch settings.server {
            case .tcp(let hop): .tcp(host: hop.host, port: hop.port)
            case .unix(let path): .unix(path)
            }
        return RedisServer(
            address: address, password: try settings.passwordFile.map(password),
            timeoutMs: settings.timeoutMs, prefix: settings.prefix)
    }

    /// A file's first line, without its end.
    static func password(_ path: String) throws(SecretFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SecretFileError(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: SecretFileError.octetsMax)
        let count = octets.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        let line = octets.prefix(max(0, count)).prefix { $0 != 0x0A && $0 != 0x0D }
        guard !line.isEmpty, line.count < octets.count else {
            throw SecretFileError(path: path, reason: "its first line is empty or too long")
        }
        return Array(line)
    }
}

/// A file with a password can't be used.
struct SecretFileError: Error, CustomStringConvertible {
    /// Octets of a password, at most.
    static let octetsMax = 1_024

    let path: String
    let reason: String
    var description: String { "password file \(path): \(reason)" }
}
