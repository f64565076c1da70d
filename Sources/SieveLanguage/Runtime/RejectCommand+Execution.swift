// SPDX-License-Identifier: MIT

extension RejectCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.reject(reason: try execution.text(of: reason)))
    }
}
