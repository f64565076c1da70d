// SPDX-License-Identifier: MIT
internal import Confinement
internal import Glibc

// Usage: confinement-probe worker TEMPORARY OTHER-FILE | inbound READABLE WRITABLE OTHER-FILE
//
// Enters the profile and prints one line per measure, then one per attempt: `name refused: WORDS` or `name
// allowed`.

func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

let arguments = CommandLine.arguments
let probe: ConfinementProbe
switch (arguments.dropFirst().first, arguments.count) {
case ("worker", 4):
    probe = ConfinementProbe(
        profile: .scannerWorker(
            temporary: arguments[2], addressSpaceOctetsMax: 1 << 30, fileOctetsMax: 1 << 20),
        readable: nil, writable: arguments[2], other: arguments[3])
case ("inbound", 5):
    probe = ConfinementProbe(
        profile: .inbound(
            readOnly: [arguments[2]], readWrite: [arguments[3]], memoryOctetsMax: 1 << 30),
        readable: arguments[2], writable: arguments[3], other: arguments[4])
default:
    say("usage: confinement-probe worker TEMPORARY OTHER | inbound READABLE WRITABLE OTHER")
    exit(64)
}
let report = probe.profile.apply()
for line in report.lines { say("measure \(line)") }
say(report.isComplete ? "complete" : "incomplete")
probe.run(say)
