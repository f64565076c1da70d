// SPDX-License-Identifier: MIT

extension StringTest {
    /// `:count` counts the sources that are not empty (RFC 5229 §5).
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        var values: [FieldValue] = []
        for source in sources { values.append(FieldValue(try execution.octets(of: source))) }
        if case .count = keys.type { values.removeAll { $0.octets.isEmpty } }
        return try keys.match(values, &execution)
    }
}
