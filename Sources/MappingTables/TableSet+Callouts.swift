// SPDX-License-Identifier: MIT
package import Mail

/// A callout as a template names it.
package struct CalloutUse: Sendable {
    package let image: String
    package let routine: String
    /// The argument's text, in pieces; nil stands for what only a probe gives.
    package let argument: [String?]
    package let place: RulePlace
}

extension TableSet {
    /// Every callout of every entry, in the order of the entries. Those that only an answer names are not
    /// among them.
    package var calloutUses: [CalloutUse] {
        tables.flatMap { table in
            table.entries.flatMap { entry in
                entry.template.pieces.compactMap { piece -> CalloutUse? in
                    guard case .callout(let image, let routine, let argument) = piece else { return nil }
                    let parts = argument.compactMap { part -> String?? in
                        switch part {
                        case .text(let text): .some(String(decoding: text, as: UTF8.self))
                        case .mode: nil
                        default: .some(nil)
                        }
                    }
                    return CalloutUse(image: image, routine: routine, argument: parts, place: entry.place)
                }
            }
        }
    }
}
