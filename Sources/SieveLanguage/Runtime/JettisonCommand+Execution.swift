// SPDX-License-Identifier: MIT

extension JettisonCommand {
    func perform(_ execution: inout Execution) throws(RuntimeFault) {
        try execution.take(.jettison)
    }
}
