// SPDX-License-Identifier: MIT

extension MailboxexistsTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        for name in names {
            let name = try execution.text(of: name)
            // RFC 9051 §5.1: INBOX in any case.
            guard execution.subject.settings.folders.contains(name) || name.uppercased() == "INBOX" else {
                return false
            }
        }
        return true
    }
}

extension SpecialuseExistsTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        var wanted: String?
        if let mailbox { wanted = try execution.text(of: mailbox) }
        for use in uses {
            guard
                let found = execution.subject.settings.specialUses[try execution.text(of: use).lowercased()],
                wanted == nil || wanted == found
            else { return false }
        }
        return true
    }
}
