// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Configuration

@Suite("Entries of the access tables that can't work")
struct ShapeCheckTests {
    private static func complaints(_ mappings: String) throws -> [String] {
        let rules = try RulesFixture()
        try rules.folder.write(mappings, to: "rules/mappings")
        return rules.complaints()
    }

    @Test("the patterns of the documents fit their tables' probes")
    func documented() throws {
        let text = """
            PORT_ACCESS

              *|*|*|*|*      $C$|INTERNAL_IP;$3|$Y$E
              TCP|*|25|*|*   $C$[IMTA_LIB:dns_verify.so,dns_verify_domain_port,$1,dnsbl.example.org,Host$ $1]$E
              *              $YEXTERNAL

            INTERNAL_IP

              $(192.0.2.0/24)   $Y
              127.0.0.1         $Y
              *                 $N

            FROM_ACCESS

              TCP|*|*|*|*|SMTP*|MAIL|tcp_auth|*|*   $X4.7.1|$NSending$ limit$ reached

            ORIG_SEND_ACCESS

              tcp_local|*|tcp_local|*   $NRelaying$ not$ allowed
              tcp_*|*|native|*          $N
              tcp_*|*|hold|*            $N

            ORIG_MAIL_ACCESS

              TCP|*|25|$(198.51.100.7/32)|*|SMTP*|MAIL|tcp_local|*|tcp_local|*  $Y
              TCP|*|*|*|*|SMTP*|MAIL|*|*@*|*|*   $C$[IMTA_LIB:dns_verify.so,dns_verify,$7|$$Y|$$NUnknown$ -$ %e]$E

            MAIL_ACCESS

              TCP|*|*|*|*|*|*|tcp_local||*|*   $D30|$N

            """
        #expect(try Self.complaints(text) == [])
    }

    @Test("a pattern that no probe of its table can match is an error, with the probe's fields")
    func shape() throws {
        let rules = try RulesFixture()
        try rules.folder.write(
            "ORIG_SEND_ACCESS\n\n  tcp_local|*|*   $N\n  *   $Y\n\nINTERNAL_IP\n\n  TCP|*   $Y\n",
            to: "rules/mappings")
        let found = rules.compile().complaints
        #expect(
            rules.complaints() == [
                "rules/mappings:8:3 error this pattern wants at least 2 fields, and a probe of INTERNAL_IP has 1: "
                    + "it never matches"
            ])
        #expect(found.first?.help == "a probe is address")
        let fits = try Self.complaints("ORIG_SEND_ACCESS\n\n  tcp_local|%|a   $N\n")
        #expect(fits == [], "the % may stand for a bar")
    }

    @Test("rejecting with a success, a missing bar and a missing argument are errors")
    func arguments() throws {
        let text = """
            PORT_ACCESS

              TCP|*|*|192.0.2.1|*   $N250$ OK
              TCP|*|*|192.0.2.2|*   $N554$ 5.7.1$ No

            MAIL_ACCESS

              *|tcp_local|*|*|a@*   $X5.7.1$NNo
              *|tcp_local|*|*|b@*   $X2.7.1|$NNo
              *|tcp_local|*|*|c@*   $X$D30|$0
              *|tcp_local|*|*|d@*   $X$D30$N

            """
        #expect(
            try Self.complaints(text).map { String($0.dropFirst("rules/mappings:".count)) } == [
                "3:25 error this entry rejects, and its text begins with 250, which means success",
                "8:25 error the argument of $X is \"5.7.1No\", and should be a code, such as 5.7.1",
                "9:25 error this entry rejects, and the code 2.7.1 of $X means success",
                "11:25 error there is no argument for $X: $D, $X want 2, and the text has 1",
            ])
    }

    @Test("an entry out of reach is a warning, and the rules are fit for use")
    func unreachable() throws {
        let rules = try RulesFixture()
        try rules.folder.write(
            "INTERNAL_IP\n\n  $(192.0.2.0/24)   $Y\n  192.0.2.17   $N\n  *   $N\n  127.0.0.1   $Y\n",
            to: "rules/mappings")
        #expect(
            rules.complaints() == [
                "rules/mappings:4:3 warning line 4 can never match: line 3 takes all of it",
                "rules/mappings:6:3 warning line 6 can never match: line 5 takes all of it",
            ])
        #expect(rules.compile().ruleset != nil)
    }

    @Test("an input flag that a table never has is a warning")
    func inputFlags() throws {
        #expect(
            try Self.complaints("PORT_ACCESS\n\n  *   $C$:A$:T$YEXTERNAL$E\n") == [
                "rules/mappings:3:12 warning nobody sets input flag T of PORT_ACCESS: this always fails"
            ])
    }
}
