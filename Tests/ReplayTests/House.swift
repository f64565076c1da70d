// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import SieveLanguage

@testable import Gates

/// A small house with one rule of each kind, and the world around it.
enum House {
    struct Mistakes: Error {
        let complaints: [Complaint]
    }

    static let mappings = """
        INTERNAL_IP

          $(10.0.0.0/8)  $Y

        PORT_ACCESS

          TCP|*|*|*|*  $C$|INTERNAL_IP;$2|$Y$E
          TCP|*|*|*|*  $C$[dns_verify,dns_verify_domain_port,$2,list.test,Your$ host$ is$ listed]$E
          *            $Y

        FROM_ACCESS

          TCP|*|*|*|*|*|*|*|watched@*|*  $Y$H
          TCP|*|*|*|*|*|*|*|*@*.invalid|*  $X5.1.8|$NNo$ such$ sender

        ORIG_SEND_ACCESS

          tcp_local|*|tcp_local|*  $NRelaying$ not$ allowed

        ORIG_MAIL_ACCESS

          TCP|*|*|*|*|*|*|*|*|*|postmaster@*  $Y

        """

    static let script = """
        require ["fileinto", "reject"];
        if header :contains "subject" "lottery" {
            fileinto "Review";
        }
        if header :contains "subject" "forbidden" {
            reject "not here";
        }
        """

    static func policy() -> Policy {
        Policy(
            hostname: "gate.example.test",
            channels: [
                "tcp_local": Policy.Channel(hasRoute: false), "tcp_intranet": Policy.Channel(hasRoute: false),
                "inside": Policy.Channel(hasRoute: true),
            ], domains: ["example.test": "inside"],
            postmaster: Address(localPart: "postmaster", domain: "example.test"),
            scanners: [Policy.ScannerPolicy(name: "clamav")], folders: ["Review": .hold])
    }

    static func ruleset(
        _ mappings: String = mappings, script: String = script, hash: String = "a", policy: Policy = policy()
    ) throws -> Ruleset {
        let (tables, mistakes) = TableSet.parse(
            main: "mappings", sources: ["mappings": Array(mappings.utf8)])
        let (mta, more) = Script.compile(name: "mta.sieve", source: Array(script.utf8))
        guard (mistakes + more).allSatisfy({ $0.severity != .error }) else {
            throw Mistakes(complaints: mistakes + more)
        }
        return Ruleset(
            hash: String(repeating: hash, count: 64), tables: tables, scripts: ScriptSet(mta: mta),
            policy: policy)
    }

    /// 192.0.2.9 is on the list; a message with EICAR in it is infected.
    static func world(_ text: String) -> (Question) -> Answer {
        { question in
            switch question {
            case .time: .time(1_792_976_000)
            case .scan:
                text.contains("EICAR")
                    ? .scan(ScanReport(state: .infected(name: "Eicar-Test", part: "2"), tookMs: 12))
                    : .scan(ScanReport(state: .clean, tookMs: 4))
            case .dns(let asked) where asked.name == "9.2.0.192.list.test":
                asked.type == .a
                    ? .dns(.records(["127.0.0.2"], ttlSeconds: 300))
                    : .dns(.records(["listed for trying out"], ttlSeconds: 300))
            case .dns: .dns(.noSuchName(ttlSeconds: 60))
            default: .unavailable("nobody to ask")
            }
        }
    }
}
