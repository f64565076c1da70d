// SPDX-License-Identifier: MIT

package import MappingTables

extension AccessTable {
    /// What `postern check` must know of the table to tell entries that can't work.
    package func shape(_ policy: AccessPolicy) -> TableShape {
        TableShape(
            fields: fields(policy), inputFlags: inputFlags,
            arguments: argumentFlags.map {
                TableShape.Argument($0, width: argumentWidths[$0] ?? 1, form: form(of: $0))
            },
            usesRest: usesRest)
    }

    private func form(of flag: Character) -> TableShape.Form {
        switch (flag, self) {
        case ("N", .portAccess), ("F", .portAccess), ("N", .clientAccess), ("F", .clientAccess): .reply
        case ("N", _), ("F", _): .text
        case ("U", _): .number
        case ("D", .fromAccess), ("D", .origSendAccess), ("D", .sendAccess), ("D", .origMailAccess),
            ("D", .mailAccess):
            .number
        case ("S", .dequeueAccess): .number
        case ("S", .fromAccess): .numbers
        case ("X", _): .status
        default: .word
        }
    }

    /// Whether the text that no flag takes means something to the table's reader.
    private var usesRest: Bool {
        switch self {
        case .fromAccess, .origSendAccess, .sendAccess, .origMailAccess, .mailAccess, .dequeueAccess,
            .logAction:
            false
        default: true
        }
    }
}
