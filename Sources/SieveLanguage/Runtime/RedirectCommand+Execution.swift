// SPDX-License-Identifier: MIT

internal import Mail

extension RedirectCommand {
    func perform(_ execution: inout Execution) throws(RuntimeFault) {
        try execution.take(.redirect(address: address.description, copy: isCopy))
    }
}
