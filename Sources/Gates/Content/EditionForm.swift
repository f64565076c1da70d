// SPDX-License-Identifier: MIT

internal import Mail

/// What makes one recipient's copy of a message differ from another's: what tables wanted in its header.
struct EditionForm: Hashable, Sendable {
    var headerLines: [String] = []
    var subjectTag: String?
    /// Addresses that stand in these fields instead of what the client wrote; nil leaves the field.
    var senderField: String?
    var fromField: String?

    init(_ marks: Marks, _ rewrite: AuthRewriteRun.Result?) {
        headerLines = marks.headerLines
        subjectTag = marks.subjectTag
        senderField = rewrite?.senderField ?? marks.senderField
        fromField = rewrite?.fromField
    }

    /// Lines to stand on top of the message, below our own.
    func lines(_ message: Message) -> [UInt8] {
        var lines: [UInt8] = []
        for line in headerLines { lines += HeaderLine.octets(line) }
        if let subjectTag, message.header.first(named: "subject") == nil {
            lines += SubjectTag.field(subjectTag)
        }
        if let senderField { lines += HeaderLine.octets("Sender: <\(senderField)>") }
        if let fromField { lines += HeaderLine.octets("From: <\(fromField)>") }
        return lines
    }

    /// Fields that go, because ours take their place; in lower case.
    var replacedNames: [String] {
        (senderField == nil ? [] : ["sender"]) + (fromField == nil ? [] : ["from"])
    }
}
