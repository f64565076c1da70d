// SPDX-License-Identifier: MIT

package import Mail
package import SieveLanguage

extension DeliveryOptions {
    /// What a client wished of the delivery to one recipient, who is delivered to as `address`.
    package init(_ sender: SenderFacts, _ recipient: RecipientFacts, for address: Address) {
        self.init()
        notify = recipient.wantsNoNotices ? .never : []
        for notice in recipient.notices { notify.insert(notice.notify) }
        if let text = recipient.originalRecipient {
            originalRecipients = [OriginalRecipient(recipient: address, text: text)]
        }
        ret = sender.ret
        envelopeID = sender.envelopeID
        deliverBy = sender.deliverBy
    }

    /// Those of a copy that a script redirects (RFC 6009 §6, §7): what the command says, and for the rest
    /// what the client wished of the message. `now` in seconds since 1970-01-01 UTC.
    package func redirected(
        by redirection: SieveAction.Redirection, from recipient: Address, to address: Address, now: Int64
    ) -> DeliveryOptions {
        var options = self
        options.notify = redirection.notify.flatMap { Notify($0) } ?? notify
        options.ret = redirection.ret.flatMap(Return.init(rawValue:)) ?? ret
        options.originalRecipients =
            originalRecipient(of: recipient).map { [OriginalRecipient(recipient: address, text: $0)] } ?? []
        if let by = redirection.deliverBy {
            let deadline = by.isAbsolute ? by.seconds : now.addingReportingOverflow(by.seconds).partialValue
            options.deliverBy = DeliverBy(
                deadline: deadline, mode: DeliverBy.Mode(rawValue: by.mode) ?? .notify, isTraced: by.isTraced)
        }
        return options
    }
}

extension EnvelopeRequests {
    /// As scripts see them, of one recipient.
    package init(_ options: DeliveryOptions, of recipient: Address) {
        self.init()
        notify = options.notify.words
        originalRecipient = options.originalRecipient(of: recipient)
        ret = options.ret?.rawValue
        envelopeID = options.envelopeID
        deliverBy = options.deliverBy.map {
            DeliverBy(deadline: $0.deadline, mode: $0.mode.rawValue, isTraced: $0.isTraced)
        }
    }
}
