// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import SieveLanguage

@Suite("docs/sieve-extensions.md, and what require refuses")
struct CapabilityPageTests {
    /// Capability and status of each row of the page.
    private func rows() throws -> [(name: String, status: String)] {
        // A package may reach the tests by a link.
        let resolved = try #require(realpath("\(#filePath)", nil))
        defer { free(resolved) }
        let root = String(cString: resolved).split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try #require(Self.contents("/\(root)/docs/sieve-extensions.md"))
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.drop { $0 == " " }
            }
            guard cells.count >= 5, cells[1].hasPrefix("`") else { return nil }
            let name = cells[1].split(separator: "`").first ?? ""
            return (String(name), String(cells[3].prefix { $0 != " " }))
        }
    }

    private static func contents(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&octets, 1, octets.count, file)
        return String(decoding: octets.prefix(count), as: UTF8.self)
    }

    @Test("the page has one row for each capability, supported or refused, and no others")
    func page() throws {
        let rows = try rows()
        func names(_ status: String) -> [String] { rows.filter { $0.status == status }.map(\.name) }
        #expect(Set(names("supported")) == Vocabulary.capabilities)
        #expect(Set(names("refused")) == Set(RefusedCapability.all.map(\.name)))
        #expect(Set(rows.map(\.name)).count == rows.count)
        #expect(names("supported").count + names("refused").count == rows.count)
    }

    @Test("no capability is both supported and refused")
    func disjoint() {
        #expect(Vocabulary.capabilities.isDisjoint(with: RefusedCapability.all.map(\.name)))
    }

    @Test("require says why a capability of other servers is refused, and what to do instead")
    func refused() {
        for capability in RefusedCapability.all {
            let complaints = Compiling.complaints("require \"\(capability.name)\";")
            #expect(complaints.count == 1)
            #expect(complaints.first?.message.contains("is not supported: \(capability.why)") == true)
            #expect(complaints.first?.help == capability.help)
        }
    }

    @Test("every word of Sun's is there by its own name, and with vnd.postern.gateway")
    func gateway() {
        let sun = [
            "addconversiontag \"a\"", "addprefix \"a\"", "addtag \"a\"", "capture \"a@example.org\"", "hold",
            "jettison", "metermaid \"throttle\" \"t\" \"k\"", "nonotify", "novacation", "refuse \"a\"",
            "setconversiontag \"a\"", "setenvelopefrom \"\"", "spamadjust \"+1\"", "transactionlog \"a\"",
            "virusset \"1\"",
        ]
        for command in sun {
            let name = String(command.prefix { $0 != " " })
            #expect(Compiling.places("require \"\(name)\"; \(command);") == [], "\(name)")
            #expect(Compiling.places("require \"vnd.postern.gateway\"; \(command);") == [], "\(name)")
            #expect(!Compiling.places("\(command);").isEmpty, "\(name)")
        }
    }
}
