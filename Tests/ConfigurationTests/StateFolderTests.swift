// SPDX-License-Identifier: MIT
import Testing

@testable import Configuration

@Suite("The state folder that a configuration names")
struct StateFolderTests {
    private func found(_ text: String) -> String? {
        Settings.stateFolder(in: Array(text.utf8), folder: "/etc/postern/rules")
    }

    @Test("an absolute one is as it is, a relative one starts at the file's folder")
    func paths() {
        #expect(found("[gateway]\nstate = \"/var/lib/postern\"") == "/var/lib/postern")
        #expect(found("[gateway]\nstate = \"../.postern\"") == "/etc/postern/rules/../.postern")
    }

    @Test("mistakes beside it don't hide it")
    func mistakes() {
        let text = "bogus = 1\n[gateway]\nhostname = 7\nstate = \"/s\"\n[[service]]\nlisten = \"no\""
        #expect(found(text) == "/s")
    }

    @Test(
        "a file that is no TOML, or names none, gives none",
        arguments: [
            "", "[gateway]", "[gateway]\nstate = 1", "[gateway]\nstate = \"\"", "state = \"/s\"", "[gateway",
        ])
    func none(text: String) {
        #expect(found(text) == nil)
    }
}
