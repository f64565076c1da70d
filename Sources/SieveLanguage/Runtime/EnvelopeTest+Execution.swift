// SPDX-License-Identifier: MIT

extension EnvelopeTest {
    func holds(_ execution: inout Execution) throws(RuntimeFault) -> Bool {
        for side in sides {
            if let value = execution.envelopeAddress(side)?.value(of: part),
                try keys.matches(value, &execution.budget)
            {
                return true
            }
        }
        return false
    }
}
