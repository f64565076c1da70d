// SPDX-License-Identifier: MIT

/// The text that a template gives, as far as that stands in the template: cut at its `|`, for whoever wants
/// to know which flag takes what.
struct TemplateArguments {
    struct Part: Equatable {
        /// What it begins with, up to the first thing that only a probe tells.
        var head: [UInt8] = []
        /// Whether that is all of it.
        var isWhole = true
        /// Its text, where it is known.
        var literal: String? { isWhole ? String(decoding: head, as: UTF8.self) : nil }
    }

    /// None where the template gives no text.
    private(set) var parts: [Part] = []
    private(set) var flags = FlagSet()
    /// From here on something may hold further `|`; nil where nothing does.
    private var firstUnsure: Int?

    /// `fieldsHoldBars`: a field's text may hold `|`.
    init(_ template: Template, fieldsHoldBars: Bool) {
        var mode = Template.Mode.plain
        for piece in template.pieces {
            switch piece {
            case .text(let text):
                var cased: [UInt8] = []
                mode.write(text, isSubstituted: false, to: &cased)
                add(cased)
            case .flag(let flag): flags.insert(flag)
            case .mode(let next): mode = next
            case .control, .test, .chance, .fallback: break
            case .sequence: addUnknown(mayHoldBars: false)
            case .field: addUnknown(mayHoldBars: fieldsHoldBars)
            case .table, .callout, .database, .directory, .domain: addUnknown(mayHoldBars: true)
            }
        }
    }

    /// How many parts there are is not known.
    var isOpen: Bool { firstUnsure != nil }

    /// Whether the part at `index` is that part whatever the probe.
    func isKnown(_ index: Int) -> Bool { index < firstUnsure ?? parts.count }

    private mutating func add(_ text: [UInt8]) {
        for (index, run) in text.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
            .enumerated()
        {
            if index > 0 || parts.isEmpty { parts.append(Part()) }
            let last = parts.count - 1
            if parts[last].isWhole { parts[last].head += run }
        }
    }

    private mutating func addUnknown(mayHoldBars: Bool) {
        if parts.isEmpty { parts.append(Part()) }
        parts[parts.count - 1].isWhole = false
        if mayHoldBars { firstUnsure = firstUnsure ?? parts.count - 1 }
    }
}
