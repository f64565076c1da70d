// SPDX-License-Identifier: MIT

/// A value that keys are held against, in the forms that comparators want: made once, matched many times.
struct FieldValue: Sendable {
    let octets: [UInt8]
    let folded: [UInt8]

    init(_ octets: [UInt8]) {
        self.octets = octets
        folded = Comparator.fold(octets)
    }

    init(_ text: String) {
        self.init(Array(text.utf8))
    }

    func form(_ comparator: Comparator) -> [UInt8] {
        switch comparator {
        case .octet: octets
        case .asciiCasemap: folded
        case .asciiNumeric, .unicodeCasemap: comparator.prepare(octets)
        }
    }
}
