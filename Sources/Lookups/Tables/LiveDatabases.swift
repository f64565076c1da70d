// SPDX-License-Identifier: MIT

package import Logging
internal import Mail

/// The text databases that are read while we run, each on a thread of its own: reading a large one holds up
/// its own questions for a moment, and nobody else's.
package final class LiveDatabases: Sense {
    package let name = "the text databases"
    package let budgetMs: Int
    private let lines: [String: SenseLine]

    /// - Parameters:
    ///   - files: path of each database's file, by its name.
    ///   - budgetMs: milliseconds that one question may take, reading included.
    package init(files: [String: String], budgetMs: Int = 5_000, logger: Logger) {
        self.budgetMs = budgetMs
        lines = Dictionary(
            uniqueKeysWithValues: files.map { name, path in
                let line = SenseLine(
                    name: "database \(name)", budgetMs: budgetMs, batchMax: 256,
                    makeWork: { LiveDatabase(name: name, path: path, logger: logger) })
                return (name, line)
            })
        // They are read while the role gets ready.
        for line in lines.values { line.start() }
    }

    package func take(_ task: SenseTask) {
        guard case .database(let question)? = task.question else {
            return task.fail("the databases answer no such question")
        }
        guard let line = lines[question.database] else {
            return task.fail("there is no live database \(question.database)")
        }
        line.take(task)
    }

    package func close() {
        for line in lines.values { line.close() }
    }
}
