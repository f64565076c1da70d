// SPDX-License-Identifier: MIT

extension SetflagCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let texts = try execution.texts(flags.flags)
        execution.setFlags(FlagList(texts), of: flags.variable)
    }
}

extension AddflagCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        var list = execution.flags(of: flags.variable)
        list.add(try execution.texts(flags.flags))
        execution.setFlags(list, of: flags.variable)
    }
}

extension RemoveflagCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        var list = execution.flags(of: flags.variable)
        list.remove(try execution.texts(flags.flags))
        execution.setFlags(list, of: flags.variable)
    }
}

extension HasflagTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        var values: [FieldValue] = []
        for variable in variables.isEmpty ? [nil] : variables.map(Optional.some) {
            values += execution.flags(of: variable).flags.map { FieldValue($0) }
        }
        return try keys.match(values, &execution)
    }
}

extension Execution {
    /// Strings as they are now.
    func texts(_ phrases: [Phrase]) throws(Interruption) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for phrase in phrases { texts.append(try octets(of: phrase)) }
        return texts
    }

    /// What a variable holds as flags; nil is the internal one.
    func flags(of variable: Phrase.Piece?) -> FlagList {
        variable.map { FlagList([value(of: $0)]) } ?? flags
    }

    mutating func setFlags(_ list: FlagList, of variable: Phrase.Piece?) {
        if let variable { set(variable, to: list.joined) } else { flags = list }
    }
}
