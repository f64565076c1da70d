// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Configuration

@Suite("Databases, meters and Redis in the configuration")
struct TableSettingsTests {
    private func settings(_ text: String) throws -> Settings {
        let findings = SettingsFixture.parse(SettingsFixture.good + text)
        #expect(findings.complaints.isEmpty, "\(findings.complaints)")
        return try #require(findings.settings)
    }

    /// Lines count from the first of `text`.
    private func complaints(_ text: String) -> [String] {
        let before = SettingsFixture.good.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        return SettingsFixture.parse(SettingsFixture.good + text).complaints.map {
            "\($0.line - before):\($0.column) \($0.message)"
        }
    }

    @Test("a database starts at the rules folder, and is part of the ruleset unless it is live")
    func databases() throws {
        let settings = try settings(
            """
            [database.general]
            file = "general.txt"
            [database.users]
            file = "/srv/live/users.txt"
            live = true

            """)
        #expect(
            settings.databases == [
                DatabaseSettings(
                    name: "general", file: "general.txt", path: "/srv/rules/general.txt", isLive: false),
                DatabaseSettings(
                    name: "users", file: "/srv/live/users.txt", path: "/srv/live/users.txt", isLive: true),
            ])
    }

    @Test("a relative database follows gateway.rules")
    func rulesFolder() throws {
        let text = SettingsFixture.good.replacing(
            "state = \"state\"", with: "state = \"state\"\nrules = \"tables\"")
        let findings = SettingsFixture.parse(text + "[database.general]\nfile = \"general.txt\"\n")
        #expect(findings.settings?.databases.map(\.path) == ["/srv/rules/tables/general.txt"])
    }

    @Test("a meter that says nothing but its type stands at its defaults")
    func meterDefaults() throws {
        let settings = try settings("[meter.perip]\ntype = \"throttle\"\n")
        #expect(
            settings.meters == [
                MeterSettings(
                    name: "perip", kind: .throttle, keyKind: .string, entriesMax: 100_000, quota: 100,
                    quotaSeconds: 60, blockSeconds: 300, resubmitSeconds: 14_400, inactivitySeconds: 604_800)
            ])
        #expect(settings.redis == nil)
    }

    @Test("every key of a meter is taken")
    func meters() throws {
        let settings = try settings(
            """
            [meter.a]
            type = "throttle"
            data_type = "ipv4"
            max_entries = 7
            quota = 0
            quota_time = "1h"
            storage = "splay"
            [meter.b]
            type = "greylist"
            data_type = "ip"
            block_time = 60
            resubmit_time = "2h"
            inactivity_time = "30d"
            [meter.c]
            type = "simple"

            """)
        #expect(settings.meters.map(\.name) == ["a", "b", "c"])
        #expect(settings.meters.map(\.kind) == [.throttle, .greylist, .simple])
        #expect(settings.meters.map(\.keyKind) == [.ipv4, .ip, .string])
        #expect(settings.meters[0].entriesMax == 7)
        #expect(settings.meters[0].quota == 0)
        #expect(settings.meters[0].quotaSeconds == 3_600)
        #expect(settings.meters[1].blockSeconds == 60)
        #expect(settings.meters[1].resubmitSeconds == 7_200)
        #expect(settings.meters[1].inactivitySeconds == 2_592_000)
    }

    @Test("mistakes are named with their place")
    func mistakes() {
        #expect(
            complaints(
                """
                [database.general]
                live = "yes"
                [database."a b"]
                file = ""
                [meter.none]
                [meter.greylisting]
                type = "greylisting"
                [meter.t]
                type = "throttle"
                block_time = 5
                quota = -1
                [meter.g]
                type = "greylist"
                block_time = "5m"
                resubmit_time = "5m"
                [meter.s]
                type = "simple"
                quota_time = 5
                maximum = 3

                """) == [
                    "1:11 database.general.file is missing",
                    "2:8 database.general.live must be true or false, not a string",
                    "3:11 \"a b\" can't be the name of a database",
                    "4:8 database.\"a b\".file is no path",
                    "5:8 meter.none.type is missing",
                    "7:8 meter.greylisting.type can't be \"greylisting\"",
                    "10:1 meter.t.block_time means nothing for a meter of type throttle",
                    "11:9 meter.t.quota is -1; it must be from 0 to 1000000000",
                    "15:1 meter.g.resubmit_time ends before block_time does: nobody ever passes",
                    "18:1 meter.s.quota_time means nothing for a meter of type simple",
                    "19:1 unknown key \"maximum\" in [meter.s]",
                ])
    }

    @Test("Redis is a port or a socket, and keeps what it is told")
    func redis() throws {
        #expect(
            try settings("[redis]\nserver = \"127.0.0.1:6379\"\n").redis
                == RedisSettings(
                    server: .tcp(try #require(NextHop("127.0.0.1:6379"))), passwordFile: nil, timeoutMs: 500,
                    prefix: "postern:", keeps: [.meters]))
        #expect(
            try settings(
                """
                [redis]
                server = "/run/redis/redis.sock"
                password_file = "redis.secret"
                timeout_ms = 50
                prefix = ""
                keeps = ["memory", "meters"]

                """
            ).redis
                == RedisSettings(
                    server: .unix("/run/redis/redis.sock"), passwordFile: "/srv/rules/redis.secret",
                    timeoutMs: 50, prefix: "", keeps: [.memory, .meters]))
    }

    @Test("mistakes about Redis are named with their place")
    func redisMistakes() {
        #expect(complaints("[redis]\nprefix = \"x:\"\n") == ["1:2 redis.server is missing"])
        #expect(
            complaints(
                """
                [redis]
                server = "redis"
                timeout_ms = 5
                prefix = "\(String(repeating: "x", count: 65))"
                keeps = ["everything"]
                user = "x"

                """) == [
                    "2:10 \"redis\" is no Redis server",
                    "3:14 redis.timeout_ms is 5; it must be from 10 to 30000",
                    "4:10 redis.prefix has 65 octets; 64 are allowed",
                    "5:10 an element of redis.keeps can't be \"everything\"",
                    "6:1 unknown key \"user\" in [redis]",
                ])
    }

    @Test("a password that everybody can read is a warning, and a missing one a mistake")
    func password() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("secret\n", to: "redis.secret")
        func check(_ permissions: Int) throws -> [String] {
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
            let text = "[redis]\nserver = \"127.0.0.1:1\"\npassword_file = \"redis.secret\"\n"
            return Settings.parse(
                Array((SettingsFixture.good + text).utf8), file: "postern.toml", folder: folder.path,
                isMachineChecked: true
            ).complaints.filter { $0.message.contains("redis") }.map { "\($0.severity) \($0.message)" }
        }
        #expect(try check(0o600) == [])
        #expect(
            try check(0o644) == ["warning redis.password_file: \(path) can be read by everybody"])
        try FileManager.default.removeItem(atPath: path)
        let text = "[redis]\nserver = \"127.0.0.1:1\"\npassword_file = \"redis.secret\"\n"
        let complaints = Settings.parse(
            Array((SettingsFixture.good + text).utf8), file: "postern.toml", folder: folder.path,
            isMachineChecked: true
        ).complaints.map(\.message)
        #expect(
            complaints.contains("redis.password_file: \(path) can't be read: No such file or directory"))
    }
}
