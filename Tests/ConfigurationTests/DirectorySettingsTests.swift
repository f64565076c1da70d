// SPDX-License-Identifier: MIT

import Testing

@testable import Configuration

@Suite("Directories, identities and call-ahead in postern.toml")
struct DirectorySettingsTests {
    private func settings(_ text: String) throws -> Settings {
        let findings = SettingsFixture.parse(SettingsFixture.good + text)
        return try #require(findings.settings, "\(findings.complaints)")
    }

    @Test("a directory has its servers, its own base and secrets, and everything else has a default")
    func directory() throws {
        let all = try settings(
            """
            [directory.default]
            servers = ["ldaps://ldap.example.net", "ldap://[2001:db8::1]:3890/", "ldapi:///run/slapd/ldapi"]
            start_tls = true
            ca_file = "ca.pem"
            bind_dn = "cn=postern,dc=example"
            password_file = "/etc/secret"
            base = "dc=example"
            timeout_ms = 900
            retry_after = "1m"
            cache_seconds = "10m"
            cache_negative_seconds = 5
            cache_entries = 7
            connections = 3
            [directory.small]
            servers = ["ldap://127.0.0.1"]
            """)
        let first = try #require(all.directories.first)
        #expect(
            first.servers.map(\.description) == [
                "ldaps://ldap.example.net:636", "ldap://[2001:db8::1]:3890", "ldapi://%2Frun%2Fslapd%2Fldapi",
            ])
        #expect(first.authoritiesPath == "/srv/rules/ca.pem")
        #expect(first.passwordFile == "/etc/secret")
        #expect(first.retryAfterSeconds == 60 && first.cacheSeconds == 600)
        #expect(
            all.directories.last
                == DirectorySettings(
                    name: "small", servers: [.plain(NextHop(host: "127.0.0.1", port: 389))], startsTLS: false,
                    authoritiesPath: nil, bindName: nil, passwordFile: nil, base: "", timeoutMs: 5_000,
                    retryAfterSeconds: 10, cacheSeconds: 300, cacheNegativeSeconds: 60, cacheEntries: 10_000,
                    connections: 2))
        #expect(
            all.directoryNames == [
                "default": "default", "small": "small", "ldap.example.net": "default",
                "ldap.example.net:636": "default", "2001:db8::1": "default", "[2001:db8::1]:3890": "default",
                "127.0.0.1": "small", "127.0.0.1:389": "small",
            ])
    }

    @Test(
        "what is no server is said, with its place",
        arguments: [
            "ldap.example.net", "http://x", "ldap://", "ldap://a b", "ldaps://host:99999", "ldap://host/dc=x",
            "ldap://host?x", "ldapi://socket", "ldapi://%2", "ldapi://", "ldap://user@host", "",
        ])
    func servers(_ text: String) {
        #expect(DirectoryServer(text) == nil)
        let complaints = SettingsFixture.complaints(appending: "[directory.x]\nservers = [\"\(text)\"]\n")
        #expect(complaints == ["22:12+\(text.count + 2) \"\(text)\" is no server of a directory"])
    }

    @Test("mistakes that would go unnoticed are said: a bind without a secret, a secret without a bind")
    func mistakes() {
        for (text, message) in [
            ("bind_dn = \"cn=a\"", "23:1+7 directory.x.bind_dn means nothing without password_file"),
            (
                "password_file = \"p\"",
                "23:1+13 directory.x.password_file means nothing without bind_dn"
            ),
            ("base = \"example\"", "23:1+4 directory.x.base is no name in a directory"),
            ("connections = 0", "23:15+1 directory.x.connections is 0; it must be from 1 to 32"),
            ("cache = 3", "23:1+5 unknown key \"cache\" in [directory.x]"),
        ] {
            let complaints = SettingsFixture.complaints(
                appending: "[directory.x]\nservers = [\"ldaps://a\"]\n\(text)\n")
            #expect(complaints == [message], "\(text)")
        }
        #expect(
            SettingsFixture.complaints(appending: "[directory.x]\n") == [
                "21:12+1 directory.x.servers is missing"
            ])
    }

    @Test("a secret that crosses the network in the clear is a warning; on loopback and over TLS it isn't")
    func clear() {
        let bind = "bind_dn = \"cn=a\"\npassword_file = \"p\"\n"
        for (servers, extra, isWarned) in [
            ("\"ldap://ldap.example.net\"", "", true), ("\"ldap://127.0.0.1\"", "", false),
            ("\"ldaps://ldap.example.net\"", "", false),
            ("\"ldap://ldap.example.net\"", "start_tls = true\n", false),
        ] {
            let findings = SettingsFixture.parse(
                SettingsFixture.good + "[directory.x]\nservers = [\(servers)]\n\(bind)\(extra)")
            #expect(findings.complaints.map(\.severity) == (isWarned ? [.warning] : []), "\(servers)")
            #expect(findings.settings != nil)
        }
    }

    @Test("identities come from a directory or from a file, and by default from nobody")
    func authentication() throws {
        #expect(try settings("").authentication == nil)
        let file = try settings("[authentication]\npasswords = \"people\"\n")
        #expect(
            file.authentication
                == AuthenticationSettings(source: .passwords("/srv/rules/people"), timeoutMs: 5_000))
        let directory = "[directory.default]\nservers = [\"ldaps://a\"]\n"
        let asked = try settings("\(directory)[authentication]\ndirectory = \"default\"\ntimeout_ms = 800\n")
        #expect(
            asked.authentication
                == AuthenticationSettings(
                    source: .directory("default", filter: "(uid=%u)", addressAttribute: "mail"),
                    timeoutMs: 800))
        for (text, message) in [
            ("", "23:2+14 authentication.directory is missing"),
            ("directory = \"other\"", "24:13+7 there is no directory \"other\""),
            (
                "passwords = \"p\"\nfilter = \"(uid=%u)\"",
                "25:10+10 authentication.filter means nothing without a directory"
            ),
            (
                "directory = \"default\"\npasswords = \"p\"",
                "24:13+9 [authentication] has both a directory and a file of passwords"
            ),
        ] {
            #expect(
                SettingsFixture.complaints(appending: "\(directory)[authentication]\n\(text)\n") == [message],
                "\(text)")
        }
        for filter in ["uid=%u", "(uid=x)", "(uid=%u", "(uid=%u))", "(a=%u)(b=%u)", ""] {
            let complaints = SettingsFixture.complaints(
                appending: "\(directory)[authentication]\ndirectory = \"default\"\nfilter = \"\(filter)\"\n")
            #expect(
                complaints.map { $0.hasSuffix("authentication.filter is no filter that finds an identity") }
                    == [true])
        }
    }

    @Test("call-ahead has its limits, which the file may change")
    func callAhead() throws {
        #expect(try settings("").callAhead == CallAheadSettings())
        let said = try settings(
            """
            [call_ahead]
            positive = "2h"
            negative = 0
            cache_entries = 5
            timeout_ms = 2000
            connections = 4
            rate = 9
            """)
        #expect(
            said.callAhead
                == CallAheadSettings(
                    positiveSeconds: 7_200, negativeSeconds: 0, cacheEntries: 5, timeoutMs: 2_000,
                    connections: 4,
                    perSecond: 9))
    }
}
