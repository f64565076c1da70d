// SPDX-License-Identifier: MIT

extension DiscardCommand {
    func perform(_ execution: inout Execution) throws(RuntimeFault) {
        try execution.take(.discard)
    }
}
