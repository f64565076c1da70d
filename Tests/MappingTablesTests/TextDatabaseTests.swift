// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import Testing

@Suite("A text database")
struct TextDatabaseTests {
    private func read(
        _ source: String, limits: TextDatabaseLimits = .init()
    ) -> (database: TextDatabase, complaints: [Complaint]) {
        TextDatabase.parse(Array(source.utf8), file: "general.txt", limits: limits)
    }

    private func value(_ key: String, in source: String) -> String? {
        read(source).database[Array(key.utf8)].map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "has a key, white space and a value in each line; the value is the rest of the line",
        arguments: [
            ("key value\n", "value"), ("key\tvalue\r\n", "value"),
            ("key \t two  words $N \t\r\n", "two  words $N"),
            ("key value", "value"), ("! key no\n\n   \nother x\nkey value\n", "value"), ("key\n", ""),
            ("key", ""),
            ("key    \n", ""), ("key \"quoted\" \\\n", "\"quoted\" \\"), ("key Größe\n", "Größe"),
        ])
    func values(source: String, expected: String) {
        #expect(read(source).complaints == [])
        #expect(value("key", in: source) == expected)
    }

    @Test("finds keys whole, without regard to the case of ASCII letters")
    func keys() {
        let source = "BLOCK|User@Example.ORG  no\nblock|user  prefix\nÉ  upper\n"
        #expect(value("block|uSER@example.org", in: source) == "no")
        #expect(value("BLOCK|USER", in: source) == "prefix")
        for key in ["block|use", "block|user@", "", "é", "block|user  prefix", "block|user\0prefix"] {
            #expect(value(key, in: source) == nil, "\(key)")
        }
        #expect(value("É", in: source) == "upper")
        #expect(TextDatabase.empty[Array("x".utf8)] == nil)
        #expect(TextDatabase.empty[[]] == nil)
    }

    @Test(
        "a key holds a blank after $ or between double quotes, which stay",
        arguments: [
            ("two$ words x\n", "two words"), ("tab$\there x\n", "tab\there"),
            ("\"john doe\"@example.org x\n", "\"john doe\"@example.org"),
            (#""a\" b"@example.org x"# + "\n", #""a\" b"@example.org"#), ("5$\"disk x\n", "5\"disk"),
            ("cash$$ x\n", "cash$"), ("a$b x\n", "a$b"), ("a\\ x\n", "a\\"), ("$ lead x\n", " lead"),
        ])
    func quoting(source: String, key: String) {
        #expect(read(source).complaints == [])
        #expect(value(key, in: source) == "x")
    }

    @Test(
        "says of every mistake where it is and what to do",
        arguments: [
            ("a x\n key x\n", 2, 2, "this entry does not begin in the first column"),
            ("é\"b c d\n", 1, 2, "the quote that begins here has no end"),
            ("a x\nA y\n", 2, 1, "this key stands in line 1 already, with another value"),
            ("a x\u{1}\n", 1, 4, "there is a control character in this line"),
        ])
    func mistakes(source: String, line: Int, column: Int, message: String) {
        let complaints = read(source).complaints
        #expect(complaints.map(\.message) == [message])
        #expect(complaints.first?.severity == .error)
        #expect(complaints.first.map { [$0.line, $0.column] } == [line, column])
        #expect(complaints.first?.file == "general.txt")
        #expect(complaints.first?.help.isEmpty == false)
    }

    @Test("a key that stands twice with one value is a warning; the first of two values is kept")
    func doubles() {
        let same = read("a x\nb y\nA x\n")
        #expect(same.complaints.map(\.severity) == [.warning])
        #expect(same.database.count == 2)
        #expect(value("a", in: "a x\na y\n") == "x")
    }

    @Test("a line that is not UTF-8 is an error, except in a comment")
    func notText() {
        let (database, complaints) = TextDatabase.parse(
            Array("!".utf8) + [0xFF, 0x0A] + Array("a ".utf8) + [0xFF, 0x0A], file: "f")
        #expect(complaints.map(\.message) == ["this line is not UTF-8"])
        #expect(complaints.map(\.line) == [2])
        #expect(database.count == 0)
    }

    @Test("limits are complaints with their place, and what fits is there")
    func limits() {
        var limits = TextDatabaseLimits()
        limits.entriesMax = 2
        let full = read("a 1\nb 2\nc 3\nd 4\n", limits: limits)
        #expect(full.complaints.map(\.line) == [3])
        #expect(full.database.count == 2)
        limits.lineOctetsMax = 4
        #expect(read("a 1\nb 22\nbb 22\n", limits: limits).complaints.map(\.line) == [3])
        limits.fileOctetsMax = 3
        #expect(read("a 1\n", limits: limits).complaints.count == 1)
        #expect(read("a 1\n", limits: limits).database.count == 0)
        limits = TextDatabaseLimits()
        limits.complaintsMax = 2
        let faulty = read(" x\n x\n x\n x\n", limits: limits).complaints
        #expect(faulty.count == 3)
        #expect(faulty.last?.message == "2 more mistakes are not shown")
    }

    @Test("finds each of 100,000 keys, and none of as many that are not there")
    func many() {
        var source = ""
        for number in 0..<100_000 { source += "KEY|user\(number)@example.test value \(number)\n" }
        let (database, complaints) = read(source)
        #expect(complaints == [])
        #expect(database.count == 100_000)
        let wrong = (0..<100_000).filter { number in
            database[Array("key|user\(number)@example.test".utf8)] != Array("value \(number)".utf8)
                || database[Array("key|user\(number)@example.tes".utf8)] != nil
        }
        #expect(wrong == [])
    }
}
