// SPDX-License-Identifier: MIT

internal import Mail

/// One thread's part of a directory: it asks, and says how long the answer holds.
final class DirectoryWork: SenseWork {
    private let client: DirectoryClient
    private let settings: DirectorySettings
    private let memory: AnswerMemory<DirectoryQuestion>
    private let marginMs: Int64

    /// `marginMs` is by how much a task's deadline is later than the directory's own time allows.
    init(
        client: DirectoryClient, settings: DirectorySettings, memory: AnswerMemory<DirectoryQuestion>,
        marginMs: Int
    ) {
        self.client = client
        self.settings = settings
        self.memory = memory
        self.marginMs = Int64(marginMs)
    }

    func work(_ tasks: [SenseTask]) {
        for task in tasks {
            guard case .directory(let question) = task.question else {
                task.fail("a directory answers questions to a directory alone")
                continue
            }
            let answer = client.answer(question, deadlineMs: task.deadlineMs - marginMs)
            memory.finish(
                question, .directory(answer), seconds: seconds(answer),
                octets: Self.octets(question) + Self.octets(answer))
        }
    }

    func rest() { client.closeIfIdle() }

    func end() { client.closeNow() }

    /// How long it is remembered. A refusal is as lasting as the rules that led to it, but a right may be
    /// granted; that nobody answered may be over at once.
    private func seconds(_ answer: DirectoryAnswer) -> Int? {
        switch answer {
        case .entries: settings.cacheSeconds
        case .none, .refused: settings.cacheNegativeSeconds
        case .unreachable: nil
        }
    }

    private static func octets(_ question: DirectoryQuestion) -> Int {
        question.base.utf8.count + question.filter.utf8.count
            + question.attributes.reduce(200) { $0 + $1.utf8.count }
    }

    private static func octets(_ answer: DirectoryAnswer) -> Int {
        guard case .entries(let entries) = answer else { return 200 }
        return entries.reduce(200) { sum, entry in
            entry.attributes.reduce(sum + entry.name.utf8.count) { sum, attribute in
                attribute.values.reduce(sum + 64) { $0 + 32 + $1.utf8.count }
            }
        }
    }
}
