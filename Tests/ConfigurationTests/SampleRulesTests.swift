// SPDX-License-Identifier: MIT
import Foundation
import Gates
import MappingTables
import Mail
import Testing

@testable import Configuration

@Suite("The shipped rules")
struct SampleRulesTests {
    private static var configuration: String { "\(TemporaryFolder.project)/rules/postern.toml" }

    @Test("compile without a complaint; on this machine, the only one is that their signatures are for tests")
    func noComplaints() throws {
        let read = RuleSources.read(configuration: Self.configuration)
        #expect(read.complaints.isEmpty)
        let compilation = RulesetArchive.compile(read.sources, isMachineChecked: false)
        #expect(
            compilation.complaints.isEmpty,
            "\(compilation.complaints.map { Diagnostic($0, source: nil).description })")
        #expect(compilation.ruleset != nil)
        let checked = RulesetArchive.compile(read.sources, isMachineChecked: true)
        #expect(
            checked.complaints.map(\.message) == [
                "only test signatures are loaded: real malware will not be found"
            ])
        #expect(checked.complaints.map(\.severity) == [.warning])
    }

    @Test("say of their settings what the tables and scripts rely on")
    func settings() throws {
        let settings = try #require(Settings.load(path: Self.configuration).settings)
        #expect(settings.policy.outsideChannel == "tcp_local")
        #expect(settings.policy.insideChannel == "tcp_intranet")
        #expect(settings.policy.acceptedChannel(of: "Mail.Example.TEST") == "inside")
        #expect(settings.policy.channels["tcp_local"]?.sourceScript == "tcp_local")
        #expect(settings.policy.folders["Review"] == .hold)
        #expect(settings.policy.scanners.map(\.onInfected) == [.hold])
        #expect(settings.service.services.map(\.listen.description) == ["127.0.0.1:2525"])
    }

    @Test("every key of the configuration is documented, and no other")
    func documented() throws {
        let page = try String(
            contentsOfFile: "\(TemporaryFolder.project)/docs/configuration.md", encoding: .utf8)
        let documented = page.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("| `"), let end = line.dropFirst(3).firstIndex(of: "`") else { return nil }
            let name = String(line[line.index(line.startIndex, offsetBy: 3)..<end])
            return name.contains(".") && !name.contains("/") ? name : nil
        }
        let text =
            SettingsFixture.good + "[scanner.av]\nkind = \"clamav\"\nsignatures = \"s\"\n"
            + "[database.general]\n[meter.ip]\n[dns_list.a]\n[domain.\"a.test\"]\n[greylist]\n"
            + "[directory.a]\n[sasl_rules.a]\n"
        let findings = SettingsFixture.parse(text)
        let keys = findings.keys.filter { key in !findings.keys.contains { $0.hasPrefix(key + ".") } }
        #expect(documented.sorted() == keys.sorted())
    }

    @Test("the configuration for measuring is right, relays every domain, and asks nobody outside")
    func bench() throws {
        let folder = try TemporaryFolder()
        let rules = "\(TemporaryFolder.project)/rules"
        for scanner in [false, true] {
            let text = BenchConfiguration.text(
                listen: try #require(Endpoint("127.0.0.1:0")),
                nextHop: NextHop(host: "127.0.0.1", port: 10_025),
                state: "\(folder.path)/a \"state\"\\", rules: rules, scanner: scanner)
            let path = try folder.write(text, to: "bench.toml")
            let read = RuleSources.read(configuration: path)
            let compilation = RulesetArchive.compile(
                read.sources, isMachineChecked: false, complaints: read.complaints)
            let errors = compilation.complaints.filter { $0.severity == .error }
            #expect(errors.isEmpty, "\(errors)")
            let settings = try #require(compilation.settings)
            #expect(settings.service.stateFolder == "\(folder.path)/a \"state\"\\")
            #expect(settings.policy.domains == [".": "bench"])
            #expect(settings.routes["bench"]?.destination == .smtp(NextHop(host: "127.0.0.1", port: 10_025)))
            #expect(settings.lookups.localZones == ["dnsbl.postern.test"])
            #expect(settings.scanners.map(\.signaturesFolder) == (scanner ? ["\(rules)/signatures"] : []))
            #expect(compilation.ruleset?.scripts.mta != nil)
            #expect(compilation.ruleset?.tables.contains("PORT_ACCESS") == true)
        }
    }
}
