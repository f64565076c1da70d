// SPDX-License-Identifier: MIT

extension EnvironmentTest {
    /// An item that isn't known matches nothing (RFC 5183 §4).
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let name = try execution.text(of: name).lowercased()
        guard let item = execution.subject.environment[name] else { return false }
        return try keys.match([FieldValue(item)], &execution)
    }
}
