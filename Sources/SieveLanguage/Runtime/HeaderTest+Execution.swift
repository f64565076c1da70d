// SPDX-License-Identifier: MIT

extension HeaderTest {
    func holds(_ execution: inout Execution) throws(RuntimeFault) -> Bool {
        for slot in slots {
            for value in try execution.values(slot) where try keys.matches(value, &execution.budget) {
                return true
            }
        }
        return false
    }
}
