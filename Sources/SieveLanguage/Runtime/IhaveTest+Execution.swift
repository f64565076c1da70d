// SPDX-License-Identifier: MIT

extension IhaveTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool { isTrue }
}
