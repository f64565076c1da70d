// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

/// Where scripts come from: the directory's attributes, and channels' filter URLs.
extension SettingsReader {
    mutating func readScriptDirectory(
        _ sieve: inout TableReader, _ directories: [DirectorySettings]
    ) -> FilterPolicy.ScriptDirectory? {
        var table = sieve.table("directory")
        let name = table.string("name")
        var directory = FilterPolicy.ScriptDirectory(name: name?.value ?? "default")
        directory.filter = readFilter("filter", &table, directory.filter)
        directory.domainFilter = readFilter("domain_filter", &table, directory.domainFilter)
        directory.attribute = readAttribute("attribute", &table, directory.attribute)
        directory.domainAttribute = readAttribute("domain_attribute", &table, directory.domainAttribute)
        directory.householdReference = readAttribute(
            "household_reference", &table, directory.householdReference)
        directory.householdSwitch = readAttribute("household_switch", &table, directory.householdSwitch)
        directory.householdAttribute = readAttribute(
            "household_attribute", &table, directory.householdAttribute)
        directory.householdOwner = readAttribute("household_owner", &table, directory.householdOwner)
        directory.uidAttribute = readAttribute("uid_attribute", &table, directory.uidAttribute)
        directory.uidSeparator = table.string("uid_separator")?.value ?? directory.uidSeparator
        table.close()
        guard table.isPresent else { return nil }
        let known = directories.map(\.name)
        if !known.contains(directory.name), let place = name?.place ?? table.place {
            let near = Nearness.nearest(to: directory.name, among: known).map { "did you mean \"\($0)\"? " }
            reading.complain(
                at: place, "there is no directory \"\(directory.name)\"",
                help: "\(near ?? "")add [directory.\(directory.name)] with its servers, or name another")
        }
        if directory.householdReference.isEmpty, let place = table.place(of: "household_switch") {
            reading.complain(
                at: place, "\(table.name("household_switch")) means nothing without household_reference",
                help: "add household_reference = \"ATTRIBUTE\", or take it out")
        }
        return directory
    }

    private func readAttribute(_ key: String, _ table: inout TableReader, _ standard: String) -> String {
        guard let said = table.string(key) else { return standard }
        guard said.value.isEmpty && standard.isEmpty || FilterURL.isAttribute(said.value) else {
            reading.complain(
                at: said.place, "\(table.name(key)) is no attribute's name",
                help: "write \(key) = \"mailSieveRuleSource\", or whatever the directory calls it")
            return standard
        }
        return said.value
    }

    private func readFilter(_ key: String, _ table: inout TableReader, _ standard: String) -> String {
        guard let said = table.string(key) else { return standard }
        if said.value.isEmpty, standard.isEmpty { return standard }
        // A domain is found by its name alone.
        let isDomain = key == "domain_filter"
        let checked = isDomain ? said.value.replacing("%d", with: "%a") : said.value
        if let mistake = Mailbox.mistake(inFilter: checked) {
            let example = isDomain ? "(associatedDomain=%d)" : "(|(mail=%a)(mailAlternateAddress=%a))"
            reading.complain(
                at: said.place, "\(table.name(key)) is no filter: \(mistake)", help: "write \"\(example)\"")
        }
        return said.value
    }

    /// Turns the URLs that channels name into policies and folders.
    mutating func resolveFilters(
        _ gateway: GatewayTable, homes: String?, _ directories: [DirectorySettings],
        _ channels: inout [String: ChannelTable], _ settings: inout FilterSettings
    ) {
        let names = directories.names
        for reference in filterReferences {
            let store = ChannelFilters.store(channel: reference.channel, key: reference.key)
            do throws(FilterPattern.Mistake) {
                let found = try FilterURL.read(reference.said.value, store: store, directories: names)
                channels[reference.channel]?.policy.filters.set(reference.key, found.url)
                if case .file = found.url {
                    settings.folders[store] = folder(found, reference, gateway, homes: homes)
                }
            } catch {
                reading.complain(
                    at: reference.said.place, "\(reference.name): \(error.message)", help: error.help)
            }
        }
    }

    private func folder(
        _ found: FilterURL.Reading, _ reference: FilterReference, _ gateway: GatewayTable, homes: String?
    ) -> String? {
        guard !found.isInHome else {
            if homes == nil {
                reading.complain(
                    at: reference.said.place, "\(reference.name) has $~, and nothing says where homes are",
                    help: "add home_folders = \"/home\" under [sieve]")
            }
            return homes
        }
        let path = found.path ?? ""
        let folder = path.isEmpty ? gateway.sieveFolder : absolute(path, below: gateway.sieveFolder)
        checkFolder(folder, at: reference.said.place, name: reference.name)
        return folder
    }
}
