// SPDX-License-Identifier: MIT
import Testing

@testable import postern_scanner

@Suite("The scanner's command line")
struct ScannerOptionsTests {
    private let required = ["--socket", "run/s", "--signatures", "db", "--temporary", "t"]

    @Test("three options are needed, the others have defaults")
    func defaults() throws {
        guard case .run(let options) = try ScannerOptions.parse(required) else {
            Issue.record("no options")
            return
        }
        #expect(options.socket == "run/s" && options.signatures == "db" && options.temporary == "t")
        #expect(options.workers == 2 && options.memoryMB == 1_024 && options.jobSeconds == 60)
        #expect(options.user == nil && options.socketFolder == "run")
    }

    @Test(
        "a mistake is told with its remedy",
        arguments: [
            (["--socket", "s"], "--signatures is missing; --help lists the options"),
            (["--socket"], "option --socket needs a value; --help lists the options"),
            (["--sockets", "s"], "unknown option --sockets; --help lists the options"),
            (["--workers", "0"], "--workers takes a number from 1 to 64, not \"0\""),
            (["--memory-mb", "x"], "--memory-mb takes a number from 64 to 65536, not \"x\""),
        ])
    func mistakes(arguments: [String], message: String) {
        #expect(throws: ScannerExit(.usage, message)) { try ScannerOptions.parse(arguments) }
    }

    @Test("a line of the log can't be forged by a value")
    func escaping() {
        let event = ScannerEvent.jobRefused(reason: "a\nlevel=error \"x\"")
        #expect(
            event.line
                == #"level=warning role=scanner event=scanner.job_refused reason="a?level=error \"x\"""#)
    }

    @Test("a worker that keeps dying is started again ever later, up to five seconds")
    func backoff() {
        let waits = (0...10).map(WorkerSupervisor.backoffMs(afterQuickDeaths:))
        #expect(waits == [0, 0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
    }
}
