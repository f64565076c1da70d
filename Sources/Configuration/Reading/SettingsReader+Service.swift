// SPDX-License-Identifier: MIT

internal import Gates
internal import Glibc
internal import Mail

extension SettingsReader {
    struct GatewayTable {
        var hostname: String
        var stateFolder: String
        /// Nil where it is missing or no address.
        var postmaster: Located<Address>?
        var outsideChannel: Located<String>
        var insideChannel: Located<String>
        var mixedReject: Policy.MixedReject
        var scriptError: Policy.ScriptErrorPolicy
        var receivedFieldsMax: Int
        /// Absolute: where mappings and text databases are.
        var rulesFolder: String
        /// Absolute: where scripts are.
        var sieveFolder: String
    }

    mutating func readGateway() -> GatewayTable {
        var table = table("gateway")
        let start = table.place ?? TOMLRegion(line: 1, column: 1, endLine: 1, endColumn: 2)
        let hostname = readHostname(&table)
        let state = table.required("state", example: "state = \"../.postern\"")
        let stateFolder = path(state, table.name("state"), below: surroundings.folder) ?? surroundings.folder
        // RuleSources has used these two already (`Settings.folders`); here they are only checked.
        let rules = path(table.string("rules"), table.name("rules"), below: surroundings.folder)
        let sieve = path(table.string("sieve"), table.name("sieve"), below: surroundings.folder)
        let outside = table.string("outside_channel") ?? Located(value: "tcp_local", place: start)
        let inside = table.string("inside_channel") ?? Located(value: "tcp_intranet", place: start)
        let postmaster = readPostmaster(&table)
        let gateway = GatewayTable(
            hostname: hostname, stateFolder: stateFolder, postmaster: postmaster, outsideChannel: outside,
            insideChannel: inside, mixedReject: table.word("mixed_reject", default: .hold),
            scriptError: table.word("script_error", default: .hold),
            receivedFieldsMax: table.integer("received_fields_max", default: 50, in: 10...1_000),
            rulesFolder: rules ?? surroundings.folder,
            sieveFolder: sieve
                ?? RuleFolder.sibling(of: rules ?? surroundings.folder, named: "sieve"))
        table.close()
        return gateway
    }

    private func readHostname(_ table: inout TableReader) -> String {
        guard let said = table.required("hostname", example: "hostname = \"gate.example.net\"") else {
            return ""
        }
        if DNSQuestion(name: said.value, type: .a) == nil {
            reading.complain(
                at: said.place, "\(table.name("hostname")) is no host name",
                help: "write the name that the outside knows this machine by, such as \"gate.example.net\"")
        }
        return said.value.lowercased()
    }

    private func readPostmaster(_ table: inout TableReader) -> Located<Address>? {
        guard let said = table.required("postmaster", example: "postmaster = \"postmaster@example.net\"")
        else {
            return nil
        }
        guard let address = Address(said.value), !address.domain.isEmpty else {
            reading.complain(
                at: said.place, "\(table.name("postmaster")) is no mail address",
                help: "write the address of the person in charge, such as \"postmaster@example.net\"")
            return nil
        }
        return Located(value: address, place: said.place)
    }

    mutating func readServices() -> [ServiceSettings.Service] {
        var services: [ServiceSettings.Service] = []
        let tables = tables("service")
        if tables.isEmpty {
            root.missing(
                "service", example: "[[service]] with name = \"smtp\" and listen = \"127.0.0.1:2525\"")
        }
        for var table in tables {
            let name = table.required("name", example: "name = \"smtp\"")
            if let name {
                checkName(name, of: "service")
                if services.contains(where: { $0.name == name.value }) {
                    reading.complain(
                        at: name.place, "two services are named \"\(name.value)\"",
                        help: "give each [[service]] a name of its own")
                }
            }
            let kind = table.word("kind", default: ServiceSettings.Service.Kind.smtp)
            let listen = endpoint(&table, "listen", example: "127.0.0.1:2525")
            if let listen, listen.port != 0, services.contains(where: { $0.listen == listen }) {
                reading.complain(
                    at: table.place ?? TOMLRegion(line: 1, column: 1, endLine: 1, endColumn: 2),
                    "two services listen on \(listen)", help: "give each [[service]] a port of its own")
            }
            table.close()
            if let name, let listen {
                services.append(ServiceSettings.Service(name: name.value, kind: kind, listen: listen))
            }
        }
        return services
    }

    mutating func readOperations() -> Endpoint? {
        var table = table("operations")
        let listen = endpoint(&table, "listen", example: "127.0.0.1:8025")
        table.close()
        return listen
    }

    mutating func readProcess() -> (workers: Int, user: String?) {
        var table = table("process")
        let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let workers = table.integer("inbound_workers", default: min(4, cores), in: 1...64)
        let user = table.string("user")
        table.close()
        guard let user, !user.value.isEmpty else { return (workers, nil) }
        if surroundings.isMachineChecked, getpwnam(user.value) == nil {
            reading.complain(
                at: user.place, "there is no user \"\(user.value)\" on this machine",
                help: "create it, or leave \(table.name("user")) out to keep the user that starts postern")
        }
        return (workers, user.value)
    }

    mutating func readTLS() -> ServiceSettings.TLSFiles? {
        var table = table("tls")
        let said = (certificate: table.string("certificate"), key: table.string("key"))
        table.close()
        let isGiven = { (path: Located<String>?) in path.map { !$0.value.isEmpty } ?? false }
        guard isGiven(said.certificate) || isGiven(said.key) else { return nil }
        guard isGiven(said.certificate), isGiven(said.key) else {
            reading.complain(
                at: (isGiven(said.certificate) ? said.certificate : said.key)?.place
                    ?? TOMLRegion(line: 1, column: 1, endLine: 1, endColumn: 2),
                "a certificate needs its key, and a key its certificate",
                help: "give both tls.certificate and tls.key, or neither: then postern makes its own")
            return nil
        }
        let certificate = readable(said.certificate, table.name("certificate"))
        let key = readable(said.key, table.name("key"))
        guard let certificate, let key else { return nil }
        return ServiceSettings.TLSFiles(certificate: certificate, key: key)
    }

    /// A path whose file this machine lets us read.
    private func readable(_ said: Located<String>?, _ name: String) -> String? {
        guard let said, let path = path(said, name, below: surroundings.folder) else { return nil }
        if surroundings.isMachineChecked, access(path, R_OK) != 0 {
            reading.complain(
                at: said.place, "\(name): \(path) can't be read: \(RuleFile.systemError(errno))",
                help: "give the path of a PEM file that postern's user may read")
        }
        return path
    }

    private func endpoint(_ table: inout TableReader, _ key: String, example: String) -> Endpoint? {
        guard let said = table.required(key, example: "\(key) = \"\(example)\"") else { return nil }
        guard let endpoint = Endpoint(said.value) else {
            reading.complain(
                at: said.place, "\(table.name(key)) is no address and port",
                help: "write \(key) = \"\(example)\" or \"[::1]:2525\"; port 0 lets the system pick one")
            return nil
        }
        return endpoint
    }
}
