// SPDX-License-Identifier: MIT
import Foundation

/// Where the build has put things, and where they lie in the repository.
enum Built {
    /// The executables stand beside the test bundle that runs.
    static let folder: String = {
        var folder = "."
        if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            folder = (link as NSString).deletingLastPathComponent
        }
        if FileManager.default.isExecutableFile(atPath: folder + "/postern-scanner") { return folder }
        // A helper of the toolchain runs the bundle: its path is among the arguments then.
        for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
            return (argument as NSString).deletingLastPathComponent
        }
        return folder
    }()

    static let scanner = folder + "/postern-scanner"
    static let probe = folder + "/confinement-probe"
    /// The signatures that are shipped for tests.
    static let signatures = (#filePath as NSString).deletingLastPathComponent + "/../../rules/signatures"
    /// Of Debian's package clamav-testfiles.
    static let testFiles = "/usr/share/clamav-testfiles"
}
