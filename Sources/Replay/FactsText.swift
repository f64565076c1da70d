// SPDX-License-Identifier: MIT

internal import Mail

/// Questions and answers in words, for explanations and reports. Nothing here is escaped: the caller does.
enum FactsText {
    static func text(_ question: Question) -> String {
        switch question {
        case .dns(let dns): "DNS \(dns.type.rawValue) \(dns.name)"
        case .callout(let callout): "callout \(callout.image),\(callout.routine),\(callout.argument)"
        case .scan(let scanner): "scan by \(scanner)"
        case .time: "time"
        case .dice: "dice"
        case .sequence(let sequence): "next number of \(sequence.name)"
        case .database(let asked) where asked.wantsKeys: "database \(asked.database) keys"
        case .database(let asked): "database \(asked.database) key \(asked.key)"
        case .directory(let asked):
            "directory \(asked.directory) \(asked.base)?\(asked.attributes.joined(separator: ","))"
                + "?\(asked.scope.rawValue)?\(asked.filter)"
        case .meter(let asked): "meter \(asked.table) \(text(asked.operation)) \(asked.key)"
        case .recipient(let asked): "call-ahead by \(asked.channel) for \(asked.recipient)"
        case .memory(let asked): "\(asked.purpose.rawValue) memory of \(asked.owner) for \(asked.key)"
        case .identity(let asked): "\(asked.mechanism) identity \(asked.identity)"
        case .script(let asked): "script \(asked.path) of \(asked.store)"
        }
    }

    private static func text(_ operation: MeterQuestion.Operation) -> String {
        switch operation {
        case .throttle: "throttle"
        case .greylist: "greylist"
        case .query: "query"
        case .adjust(let difference): "adjust by \(difference)"
        case .store(let value): "store \(value)"
        case .fetch: "fetch"
        case .remove: "remove"
        }
    }

    static func text(_ answer: Answer) -> String {
        switch answer {
        case .dns(let answer): text(answer)
        case .callout(let text): text ?? "failed"
        case .scan(let report):
            switch report.state {
            case .clean: "clean, after \(report.tookMs) ms"
            case .infected(let name, let part):
                "infected with \(name)\(part.map { " in part \($0)" } ?? ""), after \(report.tookMs) ms"
            case .unscanned(let reason): "unscanned, \(reason.text)"
            }
        case .time(let seconds): "\(seconds)"
        case .dice(let millionths): "\(millionths) of 1,000,000"
        case .sequence(let number): "\(number)"
        case .database(.value(let value)): value
        case .database(.none): "no such key"
        case .database(.keys(let keys)): "\(keys.count) keys"
        case .database(.failed(let reason)): "failed, \(reason)"
        case .directory(let answer): text(answer)
        case .meter(let answer): text(answer)
        case .recipient(.accepted): "accepted"
        case .recipient(.unknown(let reply)): "refused, \(reply)"
        case .recipient(.unsure(let reason)): "not known, \(reason)"
        case .memory(let expires): expires.map { "remembered until \($0)" } ?? "not remembered"
        case .identity(.verified(let address)): "verified, \(address)"
        case .identity(.refused): "refused"
        case .identity(.failed(let reason)): "failed, \(reason)"
        case .script(.text(let text)): "a script of \(text.utf8.count) octets"
        case .script(.none): "no such script"
        case .script(.unreachable(let reason)): "unreachable, \(reason)"
        case .script(.refused(let reason)): "refused, \(reason)"
        case .unavailable(let reason): "unavailable, \(reason)"
        }
    }

    private static func text(_ answer: DNSAnswer) -> String {
        switch answer {
        case .records(let records, let ttl): "\(records.joined(separator: ", ")) (for \(ttl) s)"
        case .noData: "no record of this type"
        case .noSuchName: "no such name"
        case .failed(let reason): "failed, \(reason)"
        case .timedOut: "timed out"
        }
    }

    private static func text(_ answer: DirectoryAnswer) -> String {
        switch answer {
        case .entries(let entries):
            entries.map { entry in
                ([entry.name] + entry.attributes.map { "\($0.name)=\($0.values.joined(separator: ","))" })
                    .joined(separator: " ")
            }
            .joined(separator: "; ")
        case .none: "nothing fits"
        case .unreachable(let reason): "unreachable, \(reason)"
        case .refused(let reason): "refused, \(reason)"
        }
    }

    private static func text(_ answer: MeterAnswer) -> String {
        switch answer {
        case .use(let count, let isOver): "\(count)\(isOver ? ", over the quota" : "")"
        case .greylist(.new(let seconds)): "new, wait \(seconds) s"
        case .greylist(.early(let seconds)): "early, wait \(seconds) s"
        case .greylist(.passed): "passed"
        case .value(let value): value ?? "nothing"
        case .removed(let isRemoved): isRemoved ? "removed" : "nothing to remove"
        case .failed(let reason): "failed, \(reason)"
        }
    }
}
