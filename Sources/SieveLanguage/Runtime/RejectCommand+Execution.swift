// SPDX-License-Identifier: MIT

extension RejectCommand {
    func perform(_ execution: inout Execution) throws(RuntimeFault) {
        try execution.take(.reject(reason: reason))
    }
}
