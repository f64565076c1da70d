// SPDX-License-Identifier: MIT

internal import Mail

extension HoldCommand {
    func perform(_ execution: inout Execution) throws(RuntimeFault) {
        try execution.take(.hold(reason: reason ?? "held by \(execution.place)"))
    }
}
