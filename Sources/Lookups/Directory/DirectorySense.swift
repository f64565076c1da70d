// SPDX-License-Identifier: MIT

internal import Mail
package import Telemetry

/// Answers questions to LDAP directories (RFC 4511). Each directory has connections and threads of its own: a
/// slow one holds up nobody but those who ask it.
package final class DirectorySense: Sense, Sendable {
    /// One directory: its line of threads, what it said lately, where its connections can be cut.
    private struct Directory: Sendable {
        let settings: DirectorySettings
        let memory: AnswerMemory<DirectoryQuestion>
        let line: SenseLine
        let descriptors: [OpenDescriptor]
    }

    package let name = "the directory"
    package let budgetMs: Int
    private let directories: [String: Directory]
    private let counters: CounterPage

    /// Before any other thread begins.
    package init(_ settings: [DirectorySettings], counters: CounterPage) {
        DirectoryConnection.prepare()
        // A directory's own limit comes first, and knows better what was wrong.
        let budgetMs = (settings.map(\.timeoutMs).max() ?? 0) + 500
        self.directories = Dictionary(
            settings.map { ($0.name, Self.directory($0, budgetMs: budgetMs)) }, uniquingKeysWith: { $1 })
        self.counters = counters
        self.budgetMs = budgetMs
    }

    package func take(_ task: SenseTask) {
        guard case .directory(let question) = task.question else {
            return task.fail("a directory answers questions to a directory alone")
        }
        guard let directory = directories[question.directory] else {
            return task.answer(
                .directory(.refused("there is no directory \"\(question.directory)\": add [directory.NAME]")))
        }
        if let objection = Self.objection(to: question) {
            return task.answer(.directory(.refused("directory \(question.directory): \(objection)")))
        }
        let now = SenseTask.nowMs()
        for descriptor in directory.descriptors { descriptor.cutIfOverdue(nowMs: now) }
        switch directory.memory.begin(task, key: question) {
        case .known(let answer):
            counters.add(.directoryRemembered)
            task.answer(answer)
        case .wait: return
        case .ask:
            counters.add(.directoryAsked)
            directory.line.take(task)
        case .full:
            task.fail(
                "directory \(question.directory): \(DirectoryLimits.underWayMax) questions are under way")
        }
    }

    package func close() {
        for directory in directories.values {
            for descriptor in directory.descriptors { descriptor.cut() }
            directory.line.close()
        }
    }

    /// What a question may not hold, whoever made it.
    static func objection(to question: DirectoryQuestion) -> String? {
        if question.filter.utf8.count > DirectoryLimits.filterOctetsMax {
            return "the filter has more than \(DirectoryLimits.filterOctetsMax) octets"
        }
        if question.base.utf8.count > DirectoryLimits.baseOctetsMax {
            return "the base has more than \(DirectoryLimits.baseOctetsMax) octets"
        }
        if question.attributes.count > DirectoryLimits.attributesMax {
            return "it asks for more than \(DirectoryLimits.attributesMax) attributes"
        }
        // Where a C string ends, the library would read another question.
        guard !(question.filter + question.base).utf8.contains(0) else { return "a NUL where none belongs" }
        let isEveryNameGood = question.attributes.allSatisfy { name in
            (1...DirectoryLimits.attributeOctetsMax).contains(name.utf8.count)
                && name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
        return isEveryNameGood ? nil : "an attribute's name is no name"
    }

    private static func directory(_ settings: DirectorySettings, budgetMs: Int) -> Directory {
        let memory = AnswerMemory<DirectoryQuestion>(
            entriesMax: settings.cacheEntries, octetsMax: DirectoryLimits.cachedOctetsMax,
            underWayMax: DirectoryLimits.underWayMax)
        let health = ServerHealth(names: settings.servers, restSeconds: settings.retryAfterSeconds)
        let descriptors = (0..<max(settings.connections, 1)).map { _ in OpenDescriptor() }
        let free = FreeList(descriptors)
        let line = SenseLine(
            name: "directory \(settings.name)", budgetMs: budgetMs,
            threads: descriptors.count, waitingMax: DirectoryLimits.underWayMax + 1
        ) {
            // One for each thread, and no more threads than there are of them.
            let client = DirectoryClient(
                settings: settings, health: health, descriptor: free.take() ?? OpenDescriptor())
            return DirectoryWork(
                client: client, settings: settings, memory: memory,
                marginMs: budgetMs - settings.timeoutMs)
        }
        return Directory(settings: settings, memory: memory, line: line, descriptors: descriptors)
    }
}
