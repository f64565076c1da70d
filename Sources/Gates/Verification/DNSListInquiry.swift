// SPDX-License-Identifier: MIT

internal import Mail

/// All DNS lists that have a say about a client, or about a sender and the name in its HELO: what to ask them
/// together, and what their answers come to.
struct DNSListInquiry: Sendable {
    private struct Asked: Sendable {
        let list: DNSListsPolicy.DNSList
        let subject: String
        let question: DNSQuestion
    }

    private let policy: DNSListsPolicy
    private let asked: [Asked]
    /// Each name once, though several lists may be about different answers of one zone.
    let questions: [Question]

    /// `subjects` that can't stand in a name of DNS, such as an address literal, are passed over.
    init(_ policy: DNSListsPolicy, subjects: [DNSListsPolicy.DNSList.Subject: String]) {
        self.policy = policy
        asked = policy.lists.prefix(DNSListsPolicy.listsMax).compactMap { list in
            guard let subject = subjects[list.subject] else { return nil }
            // An address is looked up with its parts reversed (RFC 5782 §2.1, §2.4), a name as it is
            // (RFC 5782 §3).
            let address = list.subject == .client ? IPAddress(subject) : nil
            let label = address?.reversedForDNSList ?? subject
            return DNSQuestion(name: "\(label).\(list.zone)", type: .a).map {
                Asked(list: list, subject: subject, question: $0)
            }
        }
        var questions: [Question] = []
        for one in asked where !questions.contains(.dns(one.question)) {
            questions.append(.dns(one.question))
        }
        self.questions = questions
    }

    /// `answers` to `questions`, in their order. `weight` is what the client weighs already.
    func weigh(_ answers: [Answer], adding weight: Int = 0) -> DNSListWeighing {
        var weighing = DNSListWeighing(policy: policy, weight: weight)
        for one in asked {
            let index = questions.firstIndex(of: .dns(one.question))
            let answer = index.flatMap { answers.indices.contains($0) ? answers[$0] : nil }
            weighing.add(
                DNSListAnswer(DNSAnswer(answer), counting: one.list.answers), of: one.list,
                subject: one.subject, question: one.question)
        }
        return weighing
    }
}
