// SPDX-License-Identifier: MIT

extension JettisonCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.jettison)
    }
}
