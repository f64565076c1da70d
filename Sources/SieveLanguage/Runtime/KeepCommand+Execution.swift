// SPDX-License-Identifier: MIT

extension KeepCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.keep(flags: try execution.flags(flags)))
    }
}

extension Execution {
    /// What `:flags` gives, or the internal variable.
    func flags(_ given: [Phrase]?) throws(Interruption) -> [String] {
        guard let given else { return flags.texts }
        return FlagList(try texts(given)).texts
    }
}
