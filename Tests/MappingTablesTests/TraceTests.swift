// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("A mapping trace")
struct TraceTests {
    private static let source = """
        FIRST

          x  y

        ACCESS

          a|*  $C$|INNER;$0|$Y$E
          *|*  $[/usr/lib/dns_verify.so,dns_verify,$1,$$N]

        INNER

          b  $N

        """

    @Test("the lines show tables, entries, calls, the new target and the result")
    func lines() {
        let (outcome, trail, _) = run(
            tables(Self.source), "ACCESS", "a|b",
            answers: ["b,$N": .callout("$X4.4.3|$NPlease$ try$ again$ later")])
        #expect(
            outcome.traceLines() == [
                "Mapping 2 applied to a|b",
                "  Table ACCESS",
                "  Entry #1 matched, pattern \"a|*\", template \"$C$|INNER;$0|$Y$E\", match #0.",
                "    at mappings:7",
                "  Mapping 3 applied to b",
                "    Table INNER",
                "    Entry #1 matched, pattern \"b\", template \"$N\", match #1.",
                "      at mappings:12",
                "    New target \"\"",
                "    Exiting...",
                "    Final result \"\"",
                "  Mapping call: INNER(b) ->",
                "    Failed: $Y was not set.",
                "  Entry #1 failed: table INNER did not set $Y. (mappings:7)",
                "  Entry #2 matched, pattern \"*|*\", "
                    + "template \"$[/usr/lib/dns_verify.so,dns_verify,$1,$$N]\", "
                    + "match #2.",
                "    at mappings:8",
                "  User routine call: dns_verify\\dns_verify(b,$N) ->",
                "    Returned \"$X4.4.3|$NPlease$ try$ again$ later\".",
                "  New target \"4.4.3|Please try again later\"",
                "  Exiting...",
                "  Final result \"4.4.3|Please try again later\"",
                "Output string: 4.4.3|Please try again later",
                "Output flags: [0, 'N' (78), 'X' (88)]",
            ])
        #expect(
            trail
                == Trail([
                    Trail.Entry(
                        .mapping, rule: "mappings:8", about: "ACCESS a|b", captures: ["a", "b"],
                        flags: ["N", "X"],
                        result: "4.4.3|Please try again later")
                ]))
    }

    @Test("a probe that nothing matches has a trace and a trail too")
    func nothing() {
        let (outcome, trail, _) = run(tables(Self.source), "FIRST", "z")
        #expect(
            outcome.traceLines() == [
                "Mapping 1 applied to z", "  Table FIRST", "  No entry gave a result", "Output string: z",
                "Output flags: [0]",
            ])
        #expect(
            trail
                == Trail([
                    Trail.Entry(.mapping, rule: nil, about: "FIRST z", result: "no entry gave a result")
                ]))
        #expect(run(tables(Self.source), "NONE", "z").trail.entries.first?.result == "there is no table NONE")
    }
}
