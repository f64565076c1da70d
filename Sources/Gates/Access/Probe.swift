// SPDX-License-Identifier: MIT

internal import Mail

/// What a table is asked with: fields with `|` between them.
///
/// Most fields come from outside. A `|` in one would forge another, so it is replaced (Sun's
/// `MAPPING_PARANOIA`), and what isn't printable ASCII becomes `?`: no line end reaches a log, no NUL ends a
/// text early. Nothing else in a field has a meaning to a table. Fields aren't cut: a probe that is too long
/// for a table makes the table fail, and the client is put off.
struct Probe: Sendable {
    private(set) var text = ""
    private let substitute: UInt8

    init(_ policy: AccessPolicy) {
        substitute = policy.substitute.utf8.first ?? UInt8(ascii: "_")
    }

    /// Begins with `ready`, whose fields were made by another probe.
    init(_ policy: AccessPolicy, _ ready: String) {
        self.init(policy)
        text = ready
    }

    mutating func add(_ field: String) {
        if !text.isEmpty || hasFields { text += "|" }
        hasFields = true
        text += cleaned(field)
    }

    mutating func add(_ address: Address?) { add(address?.description ?? "") }

    mutating func add(_ number: Int) {
        if !text.isEmpty || hasFields { text += "|" }
        hasFields = true
        text += String(number)
    }

    /// A first field may be empty, and is one all the same.
    private var hasFields = false

    private func cleaned(_ field: String) -> String {
        let bar = UInt8(ascii: "|")
        // Almost every field is as it should be, and then nothing is copied.
        if field.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != bar }) { return field }
        return String(
            decoding: field.utf8.map { octet in
                octet == bar ? substitute : (0x20...0x7E).contains(octet) ? octet : UInt8(ascii: "?")
            }, as: UTF8.self)
    }
}
