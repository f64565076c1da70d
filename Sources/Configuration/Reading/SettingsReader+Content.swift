// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

/// `[folders]` and `[defects]`: what scripts' folders and a message's form lead to.
extension SettingsReader {
    mutating func readFolders(_ channels: [String: ChannelTable]) -> [String: FolderPolicy] {
        var folders: [String: FolderPolicy] = [:]
        for (name, value) in namedStrings("folders") {
            let key = "folders.\(name.value)"
            guard let policy = FolderPolicy(value.value) else {
                reading.complain(
                    at: value.place, "\(key) can't be \"\(value.value)\"",
                    help: "it takes one of \"hold\", \"relay\", \"header\", \"header:NAME\", \"subaddress\", "
                        + "\"channel:NAME\"")
                continue
            }
            if case .channel(let channel) = policy { checkFolder(channel, value, key, channels) }
            folders[name.value] = policy
        }
        return folders
    }

    private func checkFolder(
        _ channel: String, _ value: Located<String>, _ key: String, _ channels: [String: ChannelTable]
    ) {
        let named = Located(value: channel, place: value.place)
        checkChannel(named, "the channel of \(key)", in: channels)
        guard let known = channels[channel], known.route == nil else { return }
        reading.complain(
            at: value.place, "channel \(channel) has no way out, but \(key) leads to it",
            help: "add a maildir or a next_hop under [channel.\(channel)]")
    }

    mutating func readDefects() -> DefectPolicies {
        var policies = DefectPolicies()
        let table = root
        for (name, value) in namedStrings("defects") {
            guard let defect = MessageDefect(rawValue: name.value) else {
                let known = MessageDefect.allCases.map(\.rawValue)
                let near =
                    Nearness.nearest(to: name.value, among: known).map { "did you mean \"\($0)\"? " } ?? ""
                reading.complain(
                    at: name.place, "there is no defect \"\(name.value)\"",
                    help: "\(near)docs/mime-defects.md lists them all")
                continue
            }
            policies[defect] = table.word(value, name: "defects.\(name.value)")
        }
        return policies
    }
}
