// SPDX-License-Identifier: MIT

extension Settings {
    /// By its own name and by each of its servers, `host` and `host:port`, all in lower case: the directory's
    /// name, for LDAP URLs in templates. Where two directories share a server, the first in the file has it.
    package var directoryNames: [String: String] { directories.names }
}

extension [DirectorySettings] {
    /// As `Settings.directoryNames`.
    var names: [String: String] {
        var names: [String: String] = [:]
        for directory in self {
            for hop in directory.servers.compactMap(\.hop) {
                for server in [hop.host, "\(hop)"] where names[server.lowercased()] == nil {
                    names[server.lowercased()] = directory.name
                }
            }
        }
        for directory in self { names[directory.name.lowercased()] = directory.name }
        return names
    }
}
