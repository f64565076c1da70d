// SPDX-License-Identifier: MIT

internal import Glibc

extension SettingsReader {
    /// Servers of one directory, at most: each may cost its share of the time.
    private static let serversMax = 16
    /// Octets of a name in a directory; longer ones are nobody's.
    private static let nameOctetsMax = 1_024

    // MARK: Directories

    mutating func readDirectories() -> [DirectorySettings] {
        namedTables("directory").compactMap { name, table in
            var table = table
            checkName(name, of: "directory")
            let servers = readServers(&table)
            let bindName = table.string("bind_dn")
            let startTLS = table.flag("start_tls", default: false)
            let settings = DirectorySettings(
                name: name.value, servers: servers, startsTLS: startTLS,
                authoritiesPath: readAuthorities(&table),
                bindName: bindName.flatMap { $0.value.isEmpty ? nil : $0.value },
                passwordFile: readPasswordFile(&table), base: table.string("base")?.value ?? "",
                timeoutMs: table.integer("timeout_ms", default: 5_000, in: 100...60_000),
                retryAfterSeconds: table.duration("retry_after", default: 10, in: 1...3_600),
                cacheSeconds: table.duration("cache_seconds", default: 300, in: 0...86_400),
                cacheNegativeSeconds: table.duration("cache_negative_seconds", default: 60, in: 0...86_400),
                cacheEntries: table.integer("cache_entries", default: 10_000, in: 1...1_000_000),
                connections: table.integer("connections", default: 2, in: 1...32))
            table.close()
            check(settings, table)
            return settings.servers.isEmpty ? nil : settings
        }
    }

    private func readServers(_ table: inout TableReader) -> [DirectoryServer] {
        let example = "servers = [\"ldaps://ldap.example.net\"]"
        let said = table.strings("servers", countMax: Self.serversMax)
        if said?.isEmpty ?? (table.place(of: "servers") == nil) { table.missing("servers", example: example) }
        return (said ?? []).compactMap { said in
            if let server = DirectoryServer(said.value) { return server }
            reading.complain(
                at: said.place, "\"\(said.value)\" is no server of a directory",
                help:
                    "write \"ldap://host\", \"ldaps://host:636\" or \"ldapi:///run/slapd/ldapi\", and nothing behind"
            )
            return nil
        }
    }

    private func readAuthorities(_ table: inout TableReader) -> String? {
        guard let said = table.string("ca_file"), !said.value.isEmpty,
            let path = path(said, table.name("ca_file"), below: surroundings.folder)
        else { return nil }
        if surroundings.isMachineChecked, access(path, R_OK) != 0 {
            reading.complain(
                at: said.place,
                "\(table.name("ca_file")): \(path) can't be read: \(RuleFile.systemError(errno))",
                help: "give a PEM file of the authorities that the servers' certificates come from")
        }
        return path
    }

    private func check(_ directory: DirectorySettings, _ table: TableReader) {
        for (key, text) in [("base", directory.base), ("bind_dn", directory.bindName ?? "")] {
            let isName = text.isEmpty || text.utf8.contains(UInt8(ascii: "="))
            let isClean =
                text.utf8.count <= Self.nameOctetsMax && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            guard let place = table.place(of: key), !isName || !isClean else { continue }
            reading.complain(
                at: place, "\(table.name(key)) is no name in a directory",
                help: "write \(key) = \"ou=people,dc=example,dc=net\"")
        }
        // Without a secret, the bind would be one as nobody, and go unnoticed (RFC 4513 §5.1.2).
        for (key, other, isAlone) in [
            ("bind_dn", "password_file", directory.bindName != nil && directory.passwordFile == nil),
            ("password_file", "bind_dn", directory.passwordFile != nil && directory.bindName == nil),
        ] where isAlone {
            guard let place = table.place(of: key) else { continue }
            reading.complain(
                at: place, "\(table.name(key)) means nothing without \(other)",
                help: "add \(other) under [\(table.path)], or take \(key) out to ask as nobody")
        }
        let plain = directory.servers.contains { if case .plain = $0 { true } else { false } }
        if directory.startsTLS, !plain, let place = table.place(of: "start_tls") {
            reading.complain(
                at: place, "\(table.name("start_tls")) means nothing without an ldap:// server",
                help:
                    "take it out: ldaps:// is TLS from its first octet, and ldapi:// never leaves the machine",
                severity: .warning)
        }
        if directory.bindName != nil, isReadable(directory), let place = table.place(of: "bind_dn") {
            reading.complain(
                at: place, "the secret of \(table.name("bind_dn")) crosses the network in the clear",
                help: "write ldaps:// for the servers, or add start_tls = true", severity: .warning)
        }
    }

    private func isReadable(_ directory: DirectorySettings) -> Bool {
        !directory.startsTLS && directory.servers.contains(where: \.isReadable)
    }

    // MARK: Identities

    mutating func readAuthenticationSource(_ directories: [DirectorySettings]) -> AuthenticationSettings? {
        var table = table("authentication")
        let directory = table.string("directory")
        let passwords = table.string("passwords")
        let filter = table.string("filter")
        let attribute = table.string("address_attribute")
        let timeoutMs = table.integer("timeout_ms", default: 5_000, in: 100...60_000)
        table.close()
        guard table.isPresent else { return nil }
        if let directory, passwords != nil {
            reading.complain(
                at: directory.place, "[authentication] has both a directory and a file of passwords",
                help: "identities come from one place: remove one of the two keys")
        }
        if let directory {
            checkDirectory(directory, directories)
            check(filter: filter, table)
            return AuthenticationSettings(
                source: .directory(
                    directory.value, filter: filter?.value ?? "(uid=%u)",
                    addressAttribute: attribute?.value ?? "mail"), timeoutMs: timeoutMs)
        }
        for (key, said) in [("filter", filter), ("address_attribute", attribute)] {
            guard let said else { continue }
            reading.complain(
                at: said.place, "authentication.\(key) means nothing without a directory",
                help: "take it out, or add directory = \"NAME\"")
        }
        guard let passwords else {
            table.missing("directory", example: "directory = \"default\", or passwords = \"passwords\",")
            return nil
        }
        guard let path = path(passwords, table.name("passwords"), below: surroundings.folder) else {
            return nil
        }
        checkSecretFile(path, at: passwords.place, name: table.name("passwords"))
        return AuthenticationSettings(source: .passwords(path), timeoutMs: timeoutMs)
    }

    private func checkDirectory(_ said: Located<String>, _ directories: [DirectorySettings]) {
        let known = directories.map(\.name)
        guard let directory = directories.first(where: { $0.name == said.value }) else {
            let near = Nearness.nearest(to: said.value, among: known).map { "did you mean \"\($0)\"? " } ?? ""
            reading.complain(
                at: said.place, "there is no directory \"\(said.value)\"",
                help: "\(near)add [directory.NAME] with its servers")
            return
        }
        if isReadable(directory) {
            reading.complain(
                at: said.place,
                "directory \(said.value) is asked in the clear: every password that is checked can be read",
                help: "write ldaps:// for its servers, or add start_tls = true", severity: .warning)
        }
    }

    private func check(filter: Located<String>?, _ table: TableReader) {
        guard let filter else { return }
        var depth = 0
        var isWhole = true
        for (index, byte) in filter.value.utf8.enumerated() {
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth <= 0, index < filter.value.utf8.count - 1 { isWhole = false }
        }
        guard !isWhole || depth != 0 || !filter.value.contains("%u") || filter.value.utf8.contains(0) else {
            return
        }
        reading.complain(
            at: filter.place, "\(table.name("filter")) is no filter that finds an identity",
            help: "write \"(uid=%u)\" or \"(&(objectClass=person)(mail=%u))\"; %u stands for the identity")
    }

    private func checkSecretFile(_ path: String, at place: TOMLRegion, name: String) {
        guard surroundings.isMachineChecked else { return }
        var about = stat()
        if access(path, R_OK) != 0 {
            reading.complain(
                at: place, "\(name): \(path) can't be read: \(RuleFile.systemError(errno))",
                help: "give a file of \"identity:hash\" lines that postern's user may read")
        } else if stat(path, &about) == 0, about.st_mode & 0o004 != 0 {
            reading.complain(
                at: place, "\(name): \(path) can be read by everybody", help: "chmod o-r \(path)",
                severity: .warning)
        }
    }

    // MARK: Call-ahead

    mutating func readCallAhead() -> CallAheadSettings {
        var table = table("call_ahead")
        let settings = CallAheadSettings(
            positiveSeconds: table.duration("positive", default: 86_400, in: 0...2_592_000),
            negativeSeconds: table.duration("negative", default: 3_600, in: 0...2_592_000),
            cacheEntries: table.integer("cache_entries", default: 100_000, in: 1...5_000_000),
            timeoutMs: table.integer("timeout_ms", default: 10_000, in: 1_000...60_000),
            connections: table.integer("connections", default: 2, in: 1...16),
            perSecond: table.integer("rate", default: 20, in: 1...1_000))
        table.close()
        return settings
    }
}
