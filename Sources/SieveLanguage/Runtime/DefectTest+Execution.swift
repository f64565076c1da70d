// SPDX-License-Identifier: MIT

internal import Mail

extension DefectTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        try keys.match(execution.defects(ofChildren: isAnyChild).map { FieldValue($0.rawValue) }, &execution)
    }
}

extension Execution {
    /// Each defect once. Of the message as a whole where no part is at hand; bodies aren't decoded for it.
    fileprivate mutating func defects(ofChildren: Bool) -> [MessageDefect] {
        guard let part = currentPart else { return tree().defects }
        guard ofChildren else { return part.defects }
        var found: [MessageDefect] = []
        for part in Self.descendants(of: part) {
            for defect in part.defects where !found.contains(defect) { found.append(defect) }
        }
        return found
    }
}
