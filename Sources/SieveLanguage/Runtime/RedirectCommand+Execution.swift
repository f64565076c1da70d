// SPDX-License-Identifier: MIT

internal import Mail

extension RedirectCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let text = try execution.octets(of: address)
        let list = isList ? String(decoding: text, as: UTF8.self) : nil
        var recipients: [Address] = []
        // Every member is looked at before the first is sent to: it is all of them, or an error and a keep.
        for member in try list.map({ name throws(Interruption) in
            try execution.members(ofList: name).map { Array($0.utf8) }
        }) ?? [text] {
            guard let address = Self.address(member) else {
                let place = list.map { " in the list \(MistakeList.quoted($0))" } ?? ""
                throw .fault(
                    "\(MistakeList.quoted(member))\(place) is not an address that mail can be sent to")
            }
            recipients.append(address)
        }
        if let from = RedirectedMessage.circle(execution.subject) {
            let target = list.map { "the list \(MistakeList.quoted($0))" } ?? "\(recipients[0])"
            return execution.remark(
                "not redirected to \(target): the message was redirected from \(from) already; it is kept")
        }
        for address in recipients {
            try execution.take(
                .redirect(
                    .init(
                        address: address.description, copy: isCopy, notify: notify, ret: ret,
                        deliverBy: deliverBy, list: list, isResent: isResent)))
        }
    }
}

extension Execution {
    /// The members of a list (RFC 6134 §2.5). Never none: a message that goes to nobody would be lost.
    fileprivate func members(ofList name: String) throws(Interruption) -> [String] {
        guard let database = subject.settings.database(ofList: name) else {
            throw .fault("there is no list \(MistakeList.quoted(name))")
        }
        switch try answer(to: .database(DatabaseQuestion(keysOf: database))) {
        case .database(.keys(let keys)):
            guard !keys.isEmpty else { throw .fault("the list \(MistakeList.quoted(name)) is empty") }
            guard keys.count <= limits.listMembersMax else {
                throw .fault(
                    "the list \(MistakeList.quoted(name)) has more than \(limits.listMembersMax) members")
            }
            return keys
        case .database(.failed(let reason)), .unavailable(let reason):
            throw .fault("the members of the list \(MistakeList.quoted(name)) aren't known: \(reason)")
        default: throw .fault("the members of the list \(MistakeList.quoted(name)) aren't known")
        }
    }
}
