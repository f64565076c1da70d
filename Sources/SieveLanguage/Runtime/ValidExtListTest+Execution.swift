// SPDX-License-Identifier: MIT

extension ValidExtListTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        for name in names {
            guard execution.subject.settings.database(ofList: try execution.text(of: name)) != nil else {
                return false
            }
        }
        return true
    }
}
