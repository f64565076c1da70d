// SPDX-License-Identifier: MIT

extension ErejectCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        try execution.take(.ereject(reason: try execution.text(of: reason)))
    }
}
