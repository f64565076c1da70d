// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

/// Reads a whole `postern.toml` into `Settings`, and goes on after every mistake. One extension for each
/// area.
struct SettingsReader {
    /// What reading depends on besides the bytes.
    struct Surroundings: Sendable {
        /// Absolute: relative paths of the file start here.
        var folder: String
        /// Whether paths, users and programs that the file names are looked for on this machine. Not where an
        /// archived ruleset is read again: its bytes were good when they were archived.
        var isMachineChecked: Bool
    }

    /// A channel's script as the file names it, for whoever has the scripts.
    struct ScriptReference: Sendable {
        var script: Located<String>
        var key: String
    }

    let reading: DocumentReading
    let surroundings: Surroundings
    private(set) var root: TableReader
    var scriptReferences: [ScriptReference] = []
    var channelReferences: [ChannelReference] = []
    var filterReferences: [FilterReference] = []

    init(_ reading: DocumentReading, surroundings: Surroundings) {
        self.reading = reading
        self.surroundings = surroundings
        root = TableReader(reading)
    }

    /// Nil if anything was an error; the complaints are in `reading`.
    mutating func read() -> Settings? {
        let gateway = readGateway()
        let services = readServices()
        let operations = readOperations()
        let process = readProcess()
        let tls = readTLS()
        var channels = readChannels(gateway)
        let shortDomains = readDomains(channels, services: services)
        let folders = readFolders(channels)
        let defects = readDefects()
        let session = readSession()
        let sessionPolicy = readSessionPolicy(
            channels: channels.mapValues(\.session), harvestSeconds: session.harvestDelaySeconds)
        let access = readAccess()
        let queue = readQueue()
        let cases = readCases()
        let lookups = readLookups()
        let scanners = readScanners()
        let databases = readDatabases(rulesFolder: gateway.rulesFolder)
        let meters = readMeters()
        let redis = readRedis()
        let directories = readDirectories()
        let authentication = readAuthenticationSource(directories)
        let callAhead = readCallAhead()
        let filters = readFilters(gateway, directories: directories, channels: &channels)
        let verified = readVerifiedDomains(
            channels, short: shortDomains, services: services,
            asking: RecipientServices(
                databases: databases.map(\.name), directories: directories.map(\.name)))
        let domains = shortDomains.merging(verified.channels) { first, _ in first }
        checkPostmaster(gateway, channels: channels, domains: domains)
        let lists = readDNSLists()
        let verification = VerificationPolicy(
            lists: lists.policy, senders: readSenders(), domains: verified.policies,
            greylist: readGreylist(
                channels: channels, outside: gateway.outsideChannel.value, meters: meters),
            clientNames: readClientNames())
        root.close()
        guard !reading.complaints.contains(where: { $0.severity == .error }), let operations,
            let postmaster = gateway.postmaster?.value
        else {
            return nil
        }
        var settings = Settings(
            service: ServiceSettings(
                hostname: gateway.hostname, stateFolder: gateway.stateFolder, services: services,
                operations: operations, inboundWorkers: process.workers, user: process.user, tls: tls),
            policy: Policy(
                hostname: gateway.hostname, channels: channels.mapValues(\.policy), domains: domains,
                outsideChannel: gateway.outsideChannel.value, insideChannel: gateway.insideChannel.value,
                postmaster: postmaster, scanners: scanners.map(\.policy),
                mixedReject: gateway.mixedReject, folders: folders, scriptError: gateway.scriptError,
                receivedFieldsMax: gateway.receivedFieldsMax),
            routes: channels.compactMapValues(\.route), session: session, queue: queue, cases: cases,
            lookups: lookups, scanners: scanners.map(\.settings))
        settings.policy.access = access
        settings.policy.defects = defects
        settings.policy.session = sessionPolicy
        settings.databases = databases
        settings.meters = meters
        settings.redis = redis
        settings.directories = directories
        settings.authentication = authentication
        settings.callAhead = callAhead
        settings.policy.filters = filters.policy
        settings.filters = filters.settings
        settings.dnsLists = lists.settings
        settings.policy.verification = verification
        return settings
    }

    // MARK: What the areas share

    mutating func table(_ key: String) -> TableReader { root.table(key) }
    mutating func tables(_ key: String) -> [TableReader] { root.tables(key) }
    mutating func namedTables(_ key: String) -> [(name: Located<String>, table: TableReader)] {
        root.namedTables(key)
    }
    mutating func namedStrings(_ key: String) -> [(name: Located<String>, value: Located<String>)] {
        root.namedStrings(key)
    }

    /// `path` as it is if absolute, else below `base`.
    func absolute(_ path: String, below base: String) -> String {
        path.utf8.first == UInt8(ascii: "/") ? path : "\(base)/\(path)"
    }

    /// A path must hold something, and nothing that ends it early.
    func path(_ said: Located<String>?, _ name: String, below base: String) -> String? {
        guard let said else { return nil }
        guard !said.value.isEmpty, said.value.utf8.count <= RuleFile.pathOctetsMax,
            !said.value.utf8.contains(0)
        else {
            reading.complain(
                at: said.place, "\(name) is no path", help: "write a path; a relative one starts at \(base)")
            return nil
        }
        return absolute(said.value, below: base)
    }

    /// Names of channels, scanners and services go into probes, file names, metrics and logs.
    func checkName(_ name: Located<String>, of thing: String) {
        let isGood =
            (1...64).contains(name.value.utf8.count)
            && name.value.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
        guard !isGood else { return }
        reading.complain(
            at: name.place, "\"\(name.value)\" can't be the name of a \(thing)",
            help: "use 1 to 64 letters, digits, \"_\" and \"-\"")
    }
}
