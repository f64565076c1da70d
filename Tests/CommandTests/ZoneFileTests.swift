// SPDX-License-Identifier: MIT
import Testing

@Suite("A zone file")
struct ZoneFileTests {
    private static let zone = """
        {"records":[
          {"name":"Has.Example.","type":"a","rdata":["192.0.2.1"]},
          {"name":"has.example","type":"A","rdata":["192.0.2.2"]},
          {"name":"six.example","type":"AAAA","rdata":["2001:DB8:0::1"]},
          {"name":"text.example","type":"TXT","rdata":["only text"]},
          {"name":"alias.example","type":"CNAME","rdata":["second.example."]},
          {"name":"second.example","type":"CNAME","rdata":["has.example"]},
          {"name":"loop.example","type":"CNAME","rdata":["loop.example"]},
          {"name":"dangling.example","type":"CNAME","rdata":["nowhere.example"]},
          {"name":"slow.example","type":"*","rcode":"TIMEOUT"},
          {"name":"slow.example","type":"AAAA","rdata":["2001:db8::2"]},
          {"name":"broken.example","type":"A","rcode":"SERVFAIL"},
          {"name":"gone.example","type":"*","rcode":"NXDOMAIN"},
          {"name":"quiet.example","type":"A","rcode":"NODATA"},
          {"name":"mixed.example","type":"MX","rdata":["10 Mail.Example."]},
          {"name":"9.2.0.192.list.example","type":"A","rdata":["127.0.0.2"]},
          {"name":"9.2.0.192.list.example","type":"TXT","rdata":[["Listed, ","see $Y | \\\\ \\u00e9"]]},
          {"name":"8.2.0.192.list.example","type":"A","rdata":["127.255.255.254"]},
          {"name":"7.2.0.192.list.example","type":"*","rcode":"TIMEOUT"}
        ]}
        """

    private static func output(_ probes: [String], table: String) throws -> [JSON?] {
        let folder = try Folder()
        try folder.write(zone, to: "zone.json")
        try folder.write(
            """
            NAME

              *   $C$[dns_verify,dns_verify,$0|found|not$ found|failed:$ %e]$E
              *   callout$ failed

            LIST

              *   $C$[dns_verify,dns_verify_domain,$0,list.example,default$ text]$E
              *   passed

            """, to: "map")
        let ran = try Program.run(
            ["mapping", "test", "--table", table, "--file", "map", "--zone", "zone.json"] + probes, in: folder
        )
        #expect(ran.status == 0, "\(ran)")
        return try ran.lines.map { try Program(status: 0, output: $0, errors: "").json()["output"] }
    }

    @Test(
        "answers for names, whatever their case, and nobody else is asked",
        arguments: [
            ("has.example", "found"), ("HAS.example", "found"), ("six.example", "found"),
            ("text.example", "not found"), ("quiet.example", "not found"), ("gone.example", "not found"),
            ("unlisted.example", "not found"), ("mixed.example", "not found"),
            ("broken.example", "failed: SERVFAIL"), ("slow.example", "found"),
        ])
    func names(name: String, output: String) throws {
        #expect(try Self.output([name], table: "NAME") == [.text(output)])
    }

    @Test("follows aliases inside the file; a loop is a failure, and a target that isn't there doesn't exist")
    func aliases() throws {
        let output = try Self.output(["alias.example", "dangling.example", "loop.example"], table: "NAME")
        #expect(
            output == [
                .text("found"), .text("not found"),
                .text("failed: SERVFAIL: more than 16 CNAME records in a row"),
            ])
    }

    @Test("answers for lists, the text joined from its strings; an error of the list is no listing")
    func lists() throws {
        let output = try Self.output(["192.0.2.9", "192.0.2.8", "192.0.2.7", "192.0.2.1"], table: "LIST")
        #expect(
            output == [
                .text(#"5.7.1|Listed, see $Y _ \092 \195\169"#), .text("passed"), .text("passed"),
                .text("passed"),
            ])
    }

    @Test(
        "that is wrong is bad usage, with the place",
        arguments: [
            ("{", "zone.json: this is no zone file"),
            (#"{"records":[{"type":"A","rdata":["192.0.2.1"]}]}"#, "records[0]"),
            (#"{"records":[{"name":"a","type":"A"}]}"#, "records[0]: it needs \"rdata\" or \"rcode\""),
            (#"{"records":[{"name":"a","type":"A","rdata":["::1"]}]}"#, "its rdata isn't that of type A"),
            (#"{"records":[{"name":"a","type":"MX","rdata":["mail"]}]}"#, "its rdata isn't that of type MX"),
            (
                #"{"records":[{"name":"a","type":"PTR","rdata":[["a","b"]]}]}"#,
                "its rdata isn't that of type PTR"
            ),
            (#"{"records":[{"name":"a","type":"LOC","rdata":["x"]}]}"#, "type \"LOC\" is none of A, AAAA"),
            (#"{"records":[{"name":"a","type":"A","rcode":"OK"}]}"#, "rcode \"OK\" is none of NODATA"),
            (#"{"records":[{"name":"a","type":"*","rdata":["x"]}]}"#, "type \"*\" goes with \"rcode\" only"),
            (
                #"{"records":[{"name":"a","type":"A","rdata":["192.0.2.1"]},{"name":"A","type":"A","rcode":"TIMEOUT"}]}"#,
                "records[1]: A A has records and an rcode"
            ),
        ])
    func mistakes(text: String, words: String) throws {
        let folder = try Folder()
        try folder.write(text, to: "zone.json")
        try folder.write("T\n\n  *   $Y\n", to: "map")
        let ran = try Program.run(
            "mapping", "test", "--table", "T", "--file", "map", "--zone", "zone.json", "x", in: folder)
        #expect(ran.status == 2)
        #expect(ran.output.isEmpty)
        #expect(ran.errors.contains(words), "\(ran.errors)")
    }
}
