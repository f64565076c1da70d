// SPDX-License-Identifier: MIT

extension ErrorCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        throw .fault("the script says: \(try execution.text(of: message))")
    }
}
