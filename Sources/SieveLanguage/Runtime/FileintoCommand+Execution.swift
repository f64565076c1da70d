// SPDX-License-Identifier: MIT

extension FileintoCommand {
    func perform(_ execution: inout Execution) throws(RuntimeFault) {
        try execution.take(.fileinto(folder: folder, copy: isCopy))
    }
}
