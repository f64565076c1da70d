// SPDX-License-Identifier: MIT

extension KeepCommand {
    func perform(_ execution: inout Execution) throws(RuntimeFault) {
        try execution.take(.keep)
    }
}
