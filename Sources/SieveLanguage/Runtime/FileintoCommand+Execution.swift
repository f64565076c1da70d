// SPDX-License-Identifier: MIT

extension FileintoCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        var name = try execution.octets(of: folder)
        guard Self.isFolder(name) else {
            throw .fault("the mailbox name \(MistakeList.quoted(name)) is invalid")
        }
        // RFC 8579 §4: the mailbox of that use, where there is one; else the one named.
        if let specialUse,
            let found = execution.subject.settings.specialUses[
                try execution.text(of: specialUse).lowercased()]
        {
            name = Array(found.utf8)
        }
        try execution.take(
            .fileinto(
                .init(
                    folder: String(decoding: name, as: UTF8.self), copy: isCopy, create: creates,
                    flags: try execution.flags(flags))))
    }
}
