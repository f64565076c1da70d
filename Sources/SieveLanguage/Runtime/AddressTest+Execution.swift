// SPDX-License-Identifier: MIT

extension AddressTest {
    func holds(_ execution: inout Execution) throws(RuntimeFault) -> Bool {
        for slot in slots {
            for address in try execution.addresses(slot) {
                if let value = address.value(of: part), try keys.matches(value, &execution.budget) {
                    return true
                }
            }
        }
        return false
    }
}
