// SPDX-License-Identifier: MIT
import Testing

@testable import Configuration

@Suite("Callouts, checked before they judge anybody")
struct CalloutCheckTests {
    private func complaints(_ template: String, settings: String = "") throws -> [String] {
        let rules = try RulesFixture()
        try rules.folder.write(SettingsFixture.good + settings, to: "rules/postern.toml")
        try rules.folder.write("PORT_ACCESS\n\n  TCP|*|*|*|*   \(template)\n", to: "rules/mappings")
        return rules.compile().complaints.map { "\($0.line):\($0.column) \($0.message); \($0.help)" }
    }

    private let meters = """
        [meter.ips]
        type = "throttle"
        [meter.grey]
        type = "greylist"
        [meter.values]
        type = "simple"

        """

    @Test(
        "what makes sense is not complained of",
        arguments: [
            "check_metermaid.so,throttle,ips,$2", "check_metermaid,query,ips,$2",
            "check_metermaid,greylisting,grey,$2|$3", "check_metermaid,adjust,values,$2,$3",
            "check_metermaid,test,values,$2,>=5", "check_metermaid,test,ips,$2,$3",
            "check_metermaid,remove,grey,$2", "conn_throttle,throttle,$2,10",
            "check_metermaid,throttle,$1,$2", "dns_verify,dns_verify_ptr,$2",
            "dns_verify,dns_verify_domain_port,$2,list.test,Your$ host",
        ])
    func sound(callout: String) throws {
        #expect(try complaints("$C$[\(callout)]$N$E", settings: meters) == [], "\(callout)")
    }

    @Test("a meter that isn't there is an error at the callout, with what to add")
    func missing() throws {
        #expect(
            try complaints("$C$:A$[check_metermaid,throttle,ip,$2]$N$E", settings: meters) == [
                "3:22 there is no meter \"ip\"; did you mean \"ips\"? add [meter.ip] with type = \"throttle\" "
                    + "to postern.toml"
            ])
    }

    @Test("a routine that its meter knows nothing of is an error")
    func wrongKind() throws {
        #expect(
            try complaints("$C$[check_metermaid,greylisting,ips,$2]$N$E", settings: meters) == [
                "3:19 meter \"ips\" is of type throttle, but greylisting needs one of type greylist; name "
                    + "another meter, or another routine"
            ])
    }

    @Test("an argument that can never make sense is an error, with how it is written")
    func nonsense() throws {
        let cases = [
            ("check_metermaid,adjust,values,$2,many", "METER,KEY,NUMBER"),
            ("check_metermaid,test,values,$2,5", "METER,KEY,>=NUMBER"),
            ("check_metermaid,throttle,ips", "METER,KEY"), ("conn_throttle,throttle,$2", "ADDRESS,RATE"),
            ("dns_verify,dns_verify,$2", "NAME|FOUND-TEXT|NOT-FOUND-TEXT|ERROR-TEXT"),
            ("dns_verify,dns_verify_domain,$2", "ADDRESS,LIST,DEFAULT-TEXT"),
        ]
        for (callout, usage) in cases {
            let found = try complaints("$C$[\(callout)]$N$E", settings: meters)
            #expect(found.count == 1, "\(callout)")
            #expect(found.first?.contains("makes no sense; write $[") == true, "\(callout)")
            #expect(found.first?.hasSuffix("with \(usage)") == true, "\(found)")
        }
    }

    @Test("DNS lists that an entry of PORT_ACCESS keeps from ever being asked are warned of")
    func listReach() throws {
        let list = "[dns_list.zen]\nzone = \"list.test\"\n"
        #expect(
            try complaints("$Y", settings: list) == [
                "3:1 this entry accepts every client, so [dns_list.zen] is never asked; take the entry out: a "
                    + "client that no entry matches is admitted, once the lists have nothing against it"
            ])
        #expect(try complaints("$N554$ no", settings: list) == [])
        #expect(try complaints("$C$[dns_verify,dns_verify_ptr,$2]$Y$E", settings: list) == [])
        #expect(try complaints("$Y", settings: list + "of = \"sender\"\n") == [])
    }
}
