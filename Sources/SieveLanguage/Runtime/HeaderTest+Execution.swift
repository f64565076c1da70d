// SPDX-License-Identifier: MIT

extension HeaderTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let keys = try keys.keys(&execution)
        var count = 0
        for name in names {
            let values =
                if let mime {
                    try execution.values(name, selection, mime)
                } else {
                    try execution.values(name, selection)
                }
            count += values.count
            if case .count = self.keys.type { continue }
            for value in values where try keys.match(value, &execution) { return true }
        }
        if case .count = self.keys.type { return try keys.match(count: count, &execution) }
        return false
    }
}
