// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import MappingTables

/// Callouts whose argument makes no sense, or that name a meter which isn't there: such an entry would fail
/// for every probe, and nobody would notice.
enum CalloutCheck {
    /// `source` gives the bytes of a mapping file by the name that `tables` knows it by.
    static func complaints(
        of tables: TableSet, meters: [MeterSettings], source: (String) -> [UInt8]?
    ) -> [Complaint] {
        tables.calloutUses.compactMap { use in
            let found = mistake(use, meters)
            return found.map { message, help in
                Complaint(
                    file: use.place.file, line: use.place.line,
                    column: column(of: use, in: source(use.place.file)), length: 2, message: message,
                    help: help)
            }
        }
    }

    private static func mistake(_ use: CalloutUse, _ meters: [MeterSettings]) -> (String, String)? {
        guard CalloutUsage.isSound(image: use.image, routine: use.routine, argument: use.argument) else {
            return (
                "the argument of \(use.image),\(use.routine) makes no sense",
                "write \(CalloutUsage.usage(image: use.image, routine: use.routine))"
            )
        }
        guard let name = CalloutUsage.meter(image: use.image, argument: use.argument) else { return nil }
        let kinds = CalloutUsage.meterKinds(routine: use.routine)
        guard let meter = meters.first(where: { $0.name == name }) else {
            let near = Nearness.nearest(to: name, among: meters.map(\.name))
            return (
                "there is no meter \"\(name)\"",
                "\(near.map { "did you mean \"\($0)\"? " } ?? "")add [meter.\(name)] with type = \"\(kinds[0])\""
                    + " to postern.toml"
            )
        }
        guard !kinds.contains(meter.kind.rawValue) else { return nil }
        return (
            "meter \"\(name)\" is of type \(meter.kind.rawValue), but \(use.routine) needs one of type "
                + kinds.joined(separator: " or "),
            "name another meter, or another routine"
        )
    }

    /// From 1, in characters: the callout's `$[`, or where the entry begins.
    private static func column(of use: CalloutUse, in source: [UInt8]?) -> Int {
        guard let source else { return 1 }
        let lines = source.split(
            separator: 0x0A, maxSplits: use.place.line, omittingEmptySubsequences: false)
        guard lines.indices.contains(use.place.line - 1) else { return 1 }
        let line = Array(lines[use.place.line - 1])
        let routine = Array(",\(use.routine),".utf8)
        let end = line.firstRange(of: routine)?.lowerBound ?? line.endIndex
        let start = line[..<end].indices.dropLast().last {
            line[$0] == UInt8(ascii: "$") && line[$0 + 1] == UInt8(ascii: "[")
        }
        let index = start ?? line.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? 0
        return line[..<index].reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
}
