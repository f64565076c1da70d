// SPDX-License-Identifier: MIT

internal import Mail

extension RedirectCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let text = try execution.octets(of: address)
        guard let address = Self.address(text) else {
            throw .fault("\(MistakeList.quoted(text)) is not an address that mail can be sent to")
        }
        if let from = RedirectedMessage.circle(execution.subject) {
            return execution.remark(
                "not redirected to \(address): the message was redirected from \(from) already; it is kept")
        }
        try execution.take(
            .redirect(
                .init(
                    address: address.description, copy: isCopy, notify: notify, ret: ret,
                    deliverBy: deliverBy)))
    }
}
