// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Nested mapping tables")
struct NestedTableTests {
    private static let source = """
        PORT_ACCESS

          *|*|*|*|*   $C$|INTERNAL_IP;$3|$Y$E
          *           $NEXTERNAL

        INTERNAL_IP

          $(192.0.2.0/24)   $Y
          127.0.0.1         $Y
          *                 $N

        """

    @Test("an outer entry gives its result only if the inner table sets $Y")
    func contract() {
        let set = tables(Self.source)
        #expect(complaints(Self.source) == [])
        let inner = run(set, "PORT_ACCESS", "TCP|192.0.2.1|25|192.0.2.77|4711").outcome
        #expect(inner.matched && inner.flags == ["Y"] && inner.output.isEmpty && inner.place?.line == 3)
        let outer = run(set, "PORT_ACCESS", "TCP|192.0.2.1|25|203.0.113.7|4711").outcome
        #expect(outer.matched && outer.flags == ["N"] && outer.output == "EXTERNAL" && outer.place?.line == 4)
    }

    @Test("table names compare without regard to case, and are listed as written")
    func names() {
        let set = tables("B\n\n *  $|a;x|\n\nA\n\n x  y$Y\n")
        #expect(set.names == ["B", "A"])
        #expect(set.contains("a") && set.contains("A") && !set.contains("C"))
        #expect(run(set, "b", "").outcome.output == "y")
    }

    @Test("the result stands in the text; flags of the inner table stay inside")
    func result() {
        let set = tables("T\n\n *  <$|I:$0$ !|>\n\nI\n\n a$ !  [$$Z]$Y$Q\n\n")
        let outcome = run(set, "T", "a").outcome
        #expect(outcome.output == "<[$Z]>")
        #expect(outcome.flags == [])
    }

    @Test("case modes reach into the argument and over the result")
    func modes() {
        let set = tables("T\n\n *  $\\$|I;$0|$_$0\n\nI\n\n *  $0X$Y\n")
        #expect(run(set, "T", "AB").outcome.output == "abxAB")
    }

    @Test("a table that does not exist is an error in the file")
    func missing() {
        #expect(
            complaints("T\n\n  *  $C$|NOWHERE;$0|$E\n") == [
                Complaint(
                    file: "mappings", line: 3, column: 10, length: 7,
                    message: "there is no table NOWHERE",
                    help: "define it, or correct the name: where it is missing, the entry always fails")
            ])
        let outcome = run(tables("T\n\n  *  $C$|NOWHERE;$0|$E\n  *  else\n"), "T", "x").outcome
        #expect(outcome.output == "else")
        #expect(!run(TableSet.empty, "T", "x").outcome.matched)
    }

    @Test("a table that calls itself fails at a named depth instead of going on")
    func endless() {
        let set = tables("T\n\n *  $C$|T;x$0|$Y$E\n *  $Nend\n")
        let outcome = run(set, "T", "p").outcome
        #expect(outcome.matched)
        #expect(outcome.overrun?.contains("deeper than 10") == true)
    }

    @Test("tables that call two others each are bounded in number")
    func fanOut() {
        let levels = (0..<9).map { "T\($0)\n\n *  $C$|T\($0 + 1);a|$|T\($0 + 1);b|$|T\($0 + 1);c|$Y$E\n\n" }
        let set = tables(levels.joined() + "T9\n\n *  $Y\n")
        #expect(run(set, "T0", "").outcome.overrun?.contains("after 1000 others") == true)
    }
}
