// SPDX-License-Identifier: MIT

import ScannerWire
import Configuration
import Glibc
import ScannerHost

/// Starting `postern-scanner`, which stands beside this binary, and asking it how it is.
enum ScannerProgram {
    /// How long its answer may take, in milliseconds: the dispatcher has other children to look after.
    static let statusMs = 100

    static var path: String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return "postern-scanner" }
        let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/postern-scanner"
    }

    static func arguments(_ scanner: ScannerSettings, user: String?) -> [String] {
        var arguments = [
            "postern-scanner", "--socket", StateFolder.scannerSocket(scanner.name), "--signatures",
            scanner.signaturesFolder, "--temporary", "tmp/scanner-\(scanner.name)", "--workers",
            "\(scanner.workers)",
            "--memory-mb", "\(scanner.memoryMegabytes)", "--job-seconds", "\(scanner.budgetSeconds)",
        ]
        if let user { arguments += ["--user", user] }
        return arguments
    }

    /// Nil while it isn't up.
    static func status(_ name: String) -> (confinement: [String], note: String, hasOnlyTestSignatures: Bool)?
    {
        let client = ScannerClient(
            name: name, socketPath: StateFolder.scannerSocket(name), budgetMs: statusMs)
        guard let status = try? client.status() else { return nil }
        let isComplete = status.confinement.hasPrefix("complete")
        var note = "\(status.signatures) signatures, \(status.workers) workers"
        if status.hasOnlyTestSignatures { note += ", WARNING: only test signatures are loaded" }
        return (
            [(isComplete ? "applied: " : "missing: ") + status.confinement], note,
            status.hasOnlyTestSignatures
        )
    }
}
