// SPDX-License-Identifier: MIT

extension ExistsTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        if isNeverTrue { return false }
        for name in names {
            let isThere =
                if let mime {
                    try !execution.values(name, .all, mime).isEmpty
                } else {
                    try execution.exists(name)
                }
            guard isThere else { return false }
        }
        return true
    }
}
