// SPDX-License-Identifier: MIT

internal import Gates
internal import Glibc
internal import Mail

extension SettingsReader {
    // MARK: DNS

    mutating func readLookups() -> LookupSettings {
        var table = table("dns")
        let servers = (table.strings("servers", countMax: 16) ?? []).compactMap { said -> Endpoint? in
            if let endpoint = Endpoint(said.value), endpoint.port > 0 { return endpoint }
            if let address = IPAddress(said.value) { return Endpoint(address: address, port: 53) }
            reading.complain(
                at: said.place, "\"\(said.value)\" is no address of a resolver",
                help: "write \"192.0.2.53\" or, with a port, \"127.0.0.1:5353\"")
            return nil
        }
        let localData = table.strings("local_data", countMax: 10_000) ?? []
        for record in localData { checkRecord(record) }
        let settings = LookupSettings(
            servers: servers, localData: localData.map(\.value),
            localZones: readLocalZones(&table),
            timeoutMs: table.integer("timeout_ms", default: 5_000, in: 100...60_000),
            trustAnchor: readTrustAnchor(&table))
        table.close()
        return settings
    }

    private func readLocalZones(_ table: inout TableReader) -> [String] {
        (table.strings("local_zones", countMax: 1_000) ?? []).compactMap { said in
            // DNSQuestion folds the case and takes the trailing dot off.
            if let zone = DNSQuestion(name: said.value, type: .a) { return zone.name }
            reading.complain(
                at: said.place, "\"\(said.value)\" is no zone",
                help: "write the name of a zone whose records local_data gives, such as \"dnsbl.example.net\""
            )
            return nil
        }
    }

    private func readTrustAnchor(_ table: inout TableReader) -> String? {
        guard let said = table.string("trust_anchor"), !said.value.isEmpty,
            let path = path(said, table.name("trust_anchor"), below: surroundings.folder)
        else { return nil }
        if surroundings.isMachineChecked, access(path, R_OK) != 0 {
            reading.complain(
                at: said.place, "dns.trust_anchor: \(path) can't be read: \(RuleFile.systemError(errno))",
                help: "give the path of a file of DS or DNSKEY records, or leave it out to do without DNSSEC")
        }
        return path
    }

    /// `owner [seconds] [IN] TYPE data`, as in a zone file, on one line.
    private func checkRecord(_ record: Located<String>) {
        let help = "write \"owner TYPE data\", such as \"9.0.0.127.dnsbl.example. A 127.0.0.2\""
        let types = DNSQuestion.RecordType.allCases
        var fields = record.value.utf8.split { $0 == 0x20 || $0 == 0x09 }.map { String(Substring($0)) }[...]
        let owner = fields.popFirst() ?? ""
        if let seconds = fields.first, Int(seconds) != nil { fields.removeFirst() }
        if fields.first?.uppercased() == "IN" { fields.removeFirst() }
        let type = fields.popFirst()?.uppercased()
        guard !record.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }),
            DNSQuestion(name: owner, type: .a) != nil, let type, !fields.isEmpty
        else {
            reading.complain(at: record.place, "\"\(record.value)\" is no DNS record", help: help)
            return
        }
        guard let type = DNSQuestion.RecordType(rawValue: type) else {
            let known = types.map(\.rawValue).joined(separator: ", ")
            reading.complain(
                at: record.place, "\(type) records can't be given here", help: "types that can: \(known)")
            return
        }
        let address = IPAddress(fields[fields.startIndex])
        guard type == .a && address?.isIPv4 != true || type == .aaaa && address?.isIPv4 != false else {
            return
        }
        reading.complain(
            at: record.place, "the record's address isn't one for type \(type.rawValue)", help: help)
    }

    // MARK: Scanners

    mutating func readScanners() -> [(policy: Policy.ScannerPolicy, settings: ScannerSettings)] {
        namedTables("scanner").compactMap { name, table in
            var table = table
            checkName(name, of: "scanner")
            let kind = table.required("kind", example: "kind = \"clamav\"")
            let signatures = table.required("signatures", example: "signatures = \"signatures\"")
            let folder = path(signatures, table.name("signatures"), below: surroundings.folder)
            let settings = ScannerSettings(
                name: name.value, kind: kind.flatMap { table.word($0, name: table.name("kind")) } ?? .clamav,
                signaturesFolder: folder ?? surroundings.folder,
                workers: table.integer("workers", default: 2, in: 1...64),
                budgetSeconds: table.integer("budget_seconds", default: 60, in: 1...480),
                memoryMegabytes: table.integer("memory_mb", default: 1_024, in: 64...65_536))
            let policy = Policy.ScannerPolicy(
                name: name.value, onInfected: table.word("on_infected", default: .hold),
                onUnscannedTransient: table.word("on_unscanned_transient", default: .defer),
                onUnscannedPermanent: table.word("on_unscanned_permanent", default: .hold))
            table.close()
            if let signatures, let folder, surroundings.isMachineChecked {
                checkSignatures(folder, at: signatures.place, name: table.name("signatures"))
            }
            return (policy, settings)
        }
    }

    /// A scanner that has nothing to look for finds nothing and calls it clean.
    private func checkSignatures(_ folder: String, at place: TOMLRegion, name: String) {
        let files: [String]
        switch RuleFolder.list(folder) {
        case .failure(let error):
            reading.complain(
                at: place, "\(name): \(folder) can't be read: \(error.message)",
                help: "give a folder with signature files that postern's user may read")
            return
        case .success(let names): files = names.filter(Self.isSignatureFile)
        }
        if files.isEmpty {
            reading.complain(
                at: place, "\(name): \(folder) holds no signature file",
                help:
                    "fill it (freshclam --datadir=\(folder)), or remove [scanner] if nothing is to be scanned"
            )
        } else if files.allSatisfy({ $0.hasPrefix("test-") }) {
            reading.complain(
                at: place, "only test signatures are loaded: real malware will not be found",
                help: "install ClamAV's official signatures: freshclam --datadir=\(folder)",
                severity: .warning)
        }
    }

    private static func isSignatureFile(_ name: String) -> Bool {
        let kinds: Set<Substring> = [
            "cvd", "cld", "cud", "ndb", "ndu", "hdb", "hsb", "hdu", "hsu", "mdb", "msb", "mdu", "msu", "ldb",
            "ldu",
            "db", "cdb", "yar", "yara",
        ]
        guard let dot = name.lastIndex(of: ".") else { return false }
        return kinds.contains(name[name.index(after: dot)...])
    }
}
