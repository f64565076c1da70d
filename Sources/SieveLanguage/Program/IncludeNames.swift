// SPDX-License-Identifier: MIT

/// Which scripts a script would include (RFC 6609 §3.2), for whoever has to fetch them before it is
/// compiled.
package enum IncludeNames {
    /// Names that `include :personal` gives, or `include` without a location, each once, as far as they are
    /// written out: the language allows no other. Found in the text alone, so one in a block that never runs
    /// counts too.
    package static func personal(in source: [UInt8]) -> [String] {
        // Most scripts include nothing, and most of the rest of this is reading them.
        guard source.firstRange(of: Array("nclude".utf8)) != nil else { return [] }
        var lexer = Lexer(source, limits: SieveLimits())
        var names: [String] = []
        var isInclude = false
        // A token each round.
        while true {
            let token = lexer.next()
            switch token.kind {
            case .end: return names
            case .identifier(let name): isInclude = name == "include"
            case .tag(let tag) where tag == "global": isInclude = false
            case .string(let octets) where isInclude:
                isInclude = false
                let name = String(decoding: octets, as: UTF8.self)
                if !names.contains(name) { names.append(name) }
            case .semicolon: isInclude = false
            default: break
            }
        }
    }
}
