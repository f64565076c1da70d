// SPDX-License-Identifier: MIT

internal import Mail

/// What the virtual mail store of a test file has in common with real ones.
enum MailStore {
    /// The main mailbox, and what stands below it, in its own case (RFC 9051 §5.1).
    static func canonical(_ name: String) -> String {
        let isBelow = name.uppercased().hasPrefix("INBOX.")
        return isBelow || name.uppercased() == "INBOX" ? "INBOX" + name.dropFirst(5) : name
    }

    /// Levels stand between dots, and none is empty or has slashes that a folder of files couldn't have.
    static func takes(_ name: String) -> Bool {
        !name.contains("//") && !name.hasPrefix("/")
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }

    /// The registered keywords that a store sets by itself, so that programs needn't look for attachments.
    static func keywords(of message: Message) -> [String] {
        let hasAttachment = message.parts().leaves.contains { part in
            part.disposition?.kind == "attachment"
                || (part.contentType.type != "text" && part.filename != nil)
        }
        return [hasAttachment ? "$HasAttachment" : "$HasNoAttachment"]
    }
}
