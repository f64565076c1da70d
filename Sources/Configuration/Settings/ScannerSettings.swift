// SPDX-License-Identifier: MIT

/// How one scanner is run. What its findings lead to is `Policy.ScannerPolicy`.
package struct ScannerSettings: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable { case clamav }

    package var name: String
    package var kind: Kind
    /// Absolute path of the folder of signature files.
    package var signaturesFolder: String
    /// Processes that scan at once, 1...64. They share the engine's pages.
    package var workers: Int
    /// Seconds for one message, queueing included; beyond it the message is unscanned.
    package var budgetSeconds: Int
    /// Megabytes that one worker may allocate beyond the shared engine.
    package var memoryMegabytes: Int

    package init(
        name: String, kind: Kind, signaturesFolder: String, workers: Int, budgetSeconds: Int,
        memoryMegabytes: Int
    ) {
        self.name = name
        self.kind = kind
        self.signaturesFolder = signaturesFolder
        self.workers = workers
        self.budgetSeconds = budgetSeconds
        self.memoryMegabytes = memoryMegabytes
    }
}
