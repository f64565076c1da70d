// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Mail
import Testing

@testable import Lookups

@Suite("A live text database")
struct LiveDatabaseTests {
    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let log = EventLog()
    private let runner: ErrandRunner
    private var path: String { "\(folder.path)/general.txt" }

    init() throws {
        folder = try TemporaryFolder()
        runner = try ErrandRunner()
    }

    private func database() -> LiveDatabase {
        LiveDatabase(name: "general", path: path, clock: clock.clock, logger: log.logger)
    }

    /// Where it lies, as an editor or `>` does.
    private func change(_ text: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }

    /// By another file of its name, as `mv` does.
    private func replace(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + ".new"))
        #expect(rename(path + ".new", path) == 0)
    }

    private func ask(_ database: LiveDatabase, _ key: String) -> DatabaseAnswer? {
        let question = DatabaseQuestion(database: "general", key: key)
        guard case .database(let answer)? = runner.answer(.database(question), of: database) else {
            return nil
        }
        return answer
    }

    @Test("answers by key, without regard to its case")
    func answers() throws {
        try replace("! a comment\nBLOCK|a@Example.Test  $NGo$ away\nempty\n")
        let database = database()
        #expect(ask(database, "block|A@example.test") == .value("$NGo$ away"))
        #expect(ask(database, "empty") == .value(""))
        #expect(ask(database, "other") == DatabaseAnswer.none)
        #expect(ask(database, "") == DatabaseAnswer.none)
        #expect(ask(database, "empty\0") == DatabaseAnswer.none)
        #expect(ask(database, String(repeating: "x", count: 60_000)) == DatabaseAnswer.none)
    }

    @Test("a file that replaces it is read within a second")
    func replaced() throws {
        try replace("a 1\n")
        let database = database()
        #expect(ask(database, "a") == .value("1"))
        try replace("a 2\n")
        #expect(ask(database, "a") == .value("1"), "looked at once a second")
        clock.pass(seconds: 1)
        #expect(ask(database, "a") == .value("2"))
        #expect(log.count(of: "database.read") == 2)
        clock.pass(seconds: 60)
        #expect(ask(database, "a") == .value("2"))
        #expect(log.count(of: "database.read") == 2, "it has not changed since")
    }

    @Test("a file that is being written where it lies is read when it has been the same for a second")
    func written() throws {
        try replace("a 1\nb 1\n")
        let database = database()
        try change("a 2\n")
        clock.pass(seconds: 1)
        #expect(ask(database, "b") == .value("1"))
        try change("a 2\nb 2\n")
        clock.pass(seconds: 1)
        #expect(ask(database, "b") == .value("1"), "it changed again")
        clock.pass(seconds: 1)
        #expect(ask(database, "b") == .value("2"))
        #expect(ask(database, "a") == .value("2"))
    }

    @Test("a mistake leaves what was there, and is said once, with its line")
    func mistaken() throws {
        try replace("a 1\n")
        let database = database()
        try replace("a 2\n  b 3\n")
        for _ in 0..<3 {
            clock.pass(seconds: 1)
            #expect(ask(database, "a") == .value("1"))
        }
        #expect(log.count(of: "database.kept") == 1)
        #expect(log.lines.contains { $0.contains("line 2: ") })
        try replace("a 4\n")
        clock.pass(seconds: 1)
        #expect(ask(database, "a") == .value("4"))
    }

    @Test("a file that is gone leaves what was there; one that never was is a failure that names it")
    func gone() throws {
        let database = database()
        #expect(ask(database, "a") == .failed("database general: No such file or directory"))
        try replace("a 1\n")
        clock.pass(seconds: 1)
        #expect(ask(database, "a") == .value("1"))
        #expect(unlink(path) == 0)
        clock.pass(seconds: 1)
        #expect(ask(database, "a") == .value("1"))
        #expect(log.lines.last.map { $0.hasPrefix("database.kept") } == true)
    }

    @Test("a name that no database has is a failure")
    func unknown() throws {
        try replace("a 1\n")
        let databases = LiveDatabases(files: ["general": path], logger: log.logger)
        let line = try ResultLine()
        databases.take(
            SenseTask(
                errand: .ask(.database(DatabaseQuestion(database: "other", key: "a")), secret: nil),
                deadlineMs: .max, token: 1, line: line))
        #expect(
            line.takeAll().map(\.result) == [.answer(.database(.failed("there is no live database other")))])
        databases.close()
    }
}
