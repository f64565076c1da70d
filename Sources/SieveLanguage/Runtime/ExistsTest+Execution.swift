// SPDX-License-Identifier: MIT

extension ExistsTest {
    func holds(_ execution: inout Execution) throws(RuntimeFault) -> Bool {
        if isNeverTrue { return false }
        for slot in slots where !execution.exists(slot) { return false }
        return true
    }
}
