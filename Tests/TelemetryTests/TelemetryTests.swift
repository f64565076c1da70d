// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Telemetry

@Suite("Log lines")
struct LogfmtTests {
    @Test("a plain value stands bare, anything else is quoted and escaped")
    func values() {
        #expect(LogfmtHandler.escape("a@b.example") == "a@b.example")
        #expect(LogfmtHandler.escape("two words") == "\"two words\"")
        #expect(LogfmtHandler.escape("a=b") == "\"a=b\"")
        #expect(LogfmtHandler.escape("") == "\"\"")
        #expect(LogfmtHandler.escape("q\"\\") == "\"q\\\"\\\\\"")
    }

    @Test("a value from outside can't end the line, forge a field or reach the terminal")
    func hostile() {
        #expect(LogfmtHandler.escape("x\r\nlevel=error") == "\"x\\x0d\\x0alevel=error\"")
        #expect(LogfmtHandler.escape("\u{1B}[2J") == "\"\\x1b[2J\"")
        #expect(LogfmtHandler.escape("\u{E9}") == "\"\\xc3\\xa9\"")
        #expect(LogfmtHandler.escape(String(repeating: "a", count: 70_000)).utf8.count < 1_100)
    }
}

@Suite("A counter page")
struct CounterPageTests {
    @Test("what one page counted is there after it is opened again, and pages of a folder add up")
    func addsUp() throws {
        let folder = try #require(mkdtemp(strdup("/tmp/postern-counters-XXXXXX")).map { String(cString: $0) })
        let one = try CounterPage(path: folder + "/inbound-0")
        let two = try CounterPage(path: folder + "/inbound-1")
        one.add(.messagesAccepted, 3)
        two.add(.messagesAccepted)
        two.set(.sessionsOpen, to: 7)
        #expect(try CounterPage(path: folder + "/inbound-0").value(.messagesAccepted) == 3)
        let sum = CounterPage.sum(folder: folder)
        #expect(sum[.messagesAccepted] == 4)
        #expect(sum[.sessionsOpen] == 7)
    }

    @Test("a page of another layout is begun anew")
    func otherLayout() throws {
        let folder = try #require(mkdtemp(strdup("/tmp/postern-counters-XXXXXX")).map { String(cString: $0) })
        let file = open(folder + "/old", O_CREAT | O_WRONLY, 0o600)
        #expect(write(file, "12345678", 8) == 8)
        close(file)
        #expect(try CounterPage(path: folder + "/old").value(.connectionsAccepted) == 0)
    }

    @Test("a folder that can't be written is named, with what to check")
    func unwritable() {
        #expect {
            try CounterPage(path: "/nonexistent/page")
        } throws: { error in
            "\(error)"
                == "counter page /nonexistent/page: No such file or directory; "
                + "check that the state folder is writable and its disk not full"
        }
    }
}
