// SPDX-License-Identifier: MIT

extension ErejectCommand {
    func perform(_ execution: inout Execution) throws(RuntimeFault) {
        try execution.take(.ereject(reason: reason))
    }
}
