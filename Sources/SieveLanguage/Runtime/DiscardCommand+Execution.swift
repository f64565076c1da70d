// SPDX-License-Identifier: MIT

extension DiscardCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.discard)
    }
}
