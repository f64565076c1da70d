// SPDX-License-Identifier: MIT

internal import Mail

extension HoldCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let text: String
        if let reason { text = try execution.text(of: reason) } else { text = "held by \(execution.place)" }
        try execution.take(.hold(reason: text))
    }
}
