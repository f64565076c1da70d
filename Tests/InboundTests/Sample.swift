// SPDX-License-Identifier: MIT

import Gates
import Mail
import MappingTables
import SieveLanguage
import Testing

/// The rules that these tests judge by.
enum Sample {
    static let mappings = """
        INTERNAL_IP

          127.0.0.2   $Y
          *           $N

        PORT_ACCESS

          TCP|*|*|192.0.2.5|*   $N550$ 5.7.1$ You$ are$ not$ welcome
          TCP|*|*|192.0.2.4|*   $N421$ 4.7.1$ Come$ again$ later
          TCP|*|*|192.0.2.3|*   $C$[dns_verify,dns_verify_domain_port,192.0.2.3,list.test,Listed]$E
          *                     $Y

        FROM_ACCESS

          TCP|*|*|*|*|*|*|*|refused@*|*   $X5.1.8|$NNo$ such$ sender
          TCP|*|*|*|*|*|*|*|later@*|*     $X4.1.8|$NAsk$ again$ later
          TCP|*|*|*|*|*|*|*|watched@*|*   $Y$H
          TCP|*|*|*|*|*|*|*|asked@*|*     $C$[dns_verify,dns_verify_domain,192.0.2.7,sender.test,Listed]$E

        ORIG_SEND_ACCESS

          *|*|*|nobody@*    $X5.1.1|$NNo$ such$ mailbox
          *|*|*|full@*      $X4.2.2|$NThe$ mailbox$ is$ full
          *|*|*|asked-*@*   $C$[dns_verify,dns_verify_domain,192.0.2.7,$3.test,Listed]$E

        """

    static let script = """
        require ["reject", "hold", "envelope"];
        if header :contains "Subject" "hold me" { hold "the subject asks for it"; stop; }
        if header :contains "Subject" "drop me" { discard; stop; }
        if header :contains "Subject" "refuse me" { reject "We don't want this"; stop; }
        if allof(header :contains "Subject" "mixed", envelope :localpart "to" "picky") {
            reject "Not for me";
            stop;
        }

        """

    static func ruleset(
        hash: Character = "a", mappings: String = mappings, script: String = script,
        scanners: [Policy.ScannerPolicy] = [], change: (inout Policy) -> Void = { _ in }
    ) throws -> Ruleset {
        let (tables, complaints) = TableSet.parse(
            main: "mappings", sources: ["mappings": Array(mappings.utf8)])
        #expect(complaints.isEmpty)
        let compiled = Script.compile(name: "mta.sieve", source: Array(script.utf8))
        #expect(compiled.complaints.isEmpty)
        let mta: Script = try #require(compiled.script)
        var policy = Policy(
            hostname: "mx.test",
            channels: [
                "tcp_local": .init(hasRoute: true), "tcp_intranet": .init(hasRoute: false),
                "inside": .init(hasRoute: true),
            ], domains: ["example.test": "inside"],
            postmaster: Address(localPart: "postmaster", domain: "example.test"), scanners: scanners)
        change(&policy)
        return Ruleset(
            hash: String(repeating: hash, count: 64), tables: tables,
            scripts: ScriptSet(mta: mta), policy: policy)
    }

    static let clean = "Subject: hello\r\nFrom: a@sender.test\r\n\r\nGood morning.\r\n"

    static func message(_ subject: String) -> String { "Subject: \(subject)\r\n\r\nText.\r\n" }

    /// The question by which `dns_verify_domain` asks whether 192.0.2.7 is on a list.
    static func question(_ list: String, _ type: DNSQuestion.RecordType) throws -> Question {
        .dns(try #require(DNSQuestion(name: "7.2.0.192.\(list)", type: type)))
    }

    static let notListed = Answer.dns(.noSuchName(ttlSeconds: 60))
}
