// SPDX-License-Identifier: MIT

internal import Mail

/// One `test` of a test file.
package struct SuiteCase: Codable, Hashable, Sendable {
    package enum Result: String, Codable, Hashable, Sendable { case pass, fail, error }

    package var name: String
    package var result: Result
    /// What failed, with the line; empty for a pass.
    package var reason: String

    package init(name: String, result: Result, reason: String) {
        self.name = name
        self.result = result
        self.reason = reason
    }
}

/// The virtual world of a test file (`vnd.dovecot.testsuite`): a message, a mail store, the mail that was
/// sent, and the script under test.
struct SuiteState: Sendable {
    /// The folder of the test file, as scripts see it.
    let path: String
    private(set) var cases: [SuiteCase] = []
    /// Where the case at hand ends; nil outside of cases.
    private(set) var caseEnd: Int?
    var configuration: [String: String] = [:]
    /// Messages by mailbox. INBOX is always there.
    var mailboxes: [String: [Stored]] = ["INBOX": []]
    /// One entry for each recipient.
    var sent: [Sent] = []
    /// What the last compilation, run or execution complained of.
    var errors: [String] = []
    var script: Script?
    var binaries: [String: Script] = [:]
    /// Of the pending actions, how many were carried out.
    var executedActions = 0
    /// Whether the implicit keep was carried out.
    var didKeep = false
    /// The message before any edit: what is kept where something fails.
    var original: [UInt8] = []
    /// Entries of the lists that the configuration names, in lower case.
    var lists: [String: Set<String>] = [:]
    /// Of messages written, for their ids.
    var written = 0

    struct Stored: Sendable {
        var bytes: [UInt8]
        var flags: [String]
    }

    struct Sent: Sendable {
        var sender: Address?
        var recipient: Address
        var bytes: [UInt8]
    }

    /// Cases of one file.
    private static let casesMax = 10_000

    init(path: String) { self.path = path }

    /// The message before any is set: five lines.
    static let standardMessage = Array(
        "From: sender@example.com\r\nTo: recipient@example.org\r\nSubject: Frop!\r\n\r\nFriep!\r\n".utf8)

    mutating func begin(_ name: String, end: Int) throws(Interruption) {
        guard cases.count < Self.casesMax else {
            throw .fault("the file has more than \(Self.casesMax) tests")
        }
        cases.append(SuiteCase(name: name, result: .pass, reason: ""))
        caseEnd = end
    }

    mutating func endCase() { caseEnd = nil }

    /// The case at hand didn't pass. False outside of cases.
    mutating func fail(_ result: SuiteCase.Result, _ reason: String) -> Bool {
        guard caseEnd != nil, !cases.isEmpty else { return false }
        cases[cases.count - 1].result = result
        cases[cases.count - 1].reason = reason
        return true
    }
}
