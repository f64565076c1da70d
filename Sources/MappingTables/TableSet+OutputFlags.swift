// SPDX-License-Identifier: MIT
package import Mail

extension TableSet {
    /// Output flags that the templates of `table` can set, each with every entry that names it: one-character
    /// strings, upper case, in the order of the entries. Empty where there is no such table.
    ///
    /// Tables that it calls keep their flags to themselves. A callout's answer is template text, and most
    /// routines answer with what the template handed them, so what stands in their arguments counts too.
    package func outputFlags(of table: String) -> [(flag: String, place: RulePlace)] {
        guard let index = index(of: table) else { return [] }
        return tables[index].entries.flatMap { entry in
            var flags = FlagSet()
            for piece in entry.template.pieces { flags.formUnion(self.flags(of: piece)) }
            return flags.names.map { ($0, entry.place) }
        }
    }

    private func flags(of piece: Template.Piece) -> FlagSet {
        var flags = FlagSet()
        switch piece {
        case .flag(let flag): flags.insert(flag)
        case .callout(_, _, let argument):
            for case .text(let text) in argument {
                // Faults are left alone: it is a fragment, and perhaps no template at all.
                let answer = TemplateCompiler.compile(text, fieldCount: 10, context: context)
                for case .flag(let flag) in answer.template.pieces { flags.insert(flag) }
            }
        case .fallback(let pieces):
            for piece in pieces ?? [] { flags.formUnion(self.flags(of: piece)) }
        case .text, .field, .control, .mode, .test, .table, .database, .directory, .domain, .sequence,
            .chance:
            break
        }
        return flags
    }
}
