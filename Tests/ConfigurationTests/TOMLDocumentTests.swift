// SPDX-License-Identifier: MIT
import Testing

@testable import Configuration

@Suite("A TOML document with places")
struct TOMLDocumentTests {
    private func node(_ text: String, _ key: String) throws -> TOMLNode? {
        try TOMLDocument(parsing: Array(text.utf8)).nodes.first { $0.key == key }
    }

    private func mistake(_ text: String, limits: TOMLLimits = TOMLLimits()) -> String? {
        do {
            _ = try TOMLDocument(parsing: Array(text.utf8), limits: limits)
            return nil
        } catch {
            return "\(error.place.line):\(error.place.column) \(error.text)"
        }
    }

    @Test("every key and every value knows where it stands")
    func places() throws {
        let text = "[scanner.clamav]\nworkers = 12\nwords = [\"a\",\n  true]\n"
        let workers = try #require(try node(text, "workers"))
        #expect(workers.keyPlace == TOMLRegion(line: 2, column: 1, endLine: 2, endColumn: 8))
        #expect(workers.valuePlace == TOMLRegion(line: 2, column: 11, endLine: 2, endColumn: 13))
        let clamav = try #require(try node(text, "clamav"))
        #expect(clamav.keyPlace == TOMLRegion(line: 1, column: 10, endLine: 1, endColumn: 16))
        let document = try TOMLDocument(parsing: Array(text.utf8))
        let places = document.nodes.filter { $0.key.isEmpty }.dropFirst().map {
            "\($0.valuePlace.line):\($0.valuePlace.column)"
        }
        #expect(places == ["3:10", "4:3"])
    }

    @Test("columns count characters, not octets")
    func characters() throws {
        let node = try #require(try node("x = \"äöü\"\n\"ß\" = { y = 1 }", "y"))
        #expect(node.keyPlace.column == 9)
    }

    @Test("keys come in the order of the file, not of the alphabet")
    func order() throws {
        let document = try TOMLDocument(parsing: Array("zeta = 1\nalpha = 2\n[mid]\n[before]\n".utf8))
        #expect(document.nodes.map(\.key) == ["", "zeta", "alpha", "mid", "before"])
    }

    @Test(
        "a mistake of syntax has its place",
        arguments: [
            ("a = 1\nb = \n", "2:5"), ("a = 1\na = 2\n", "2:5"), ("[a\n", "1:3"), ("a = \"x\ny\"", "1:7"),
            ("a = 9223372036854775808", "1:24"), ("= 1", "1:1"),
        ])
    func syntax(text: String, place: String) throws {
        let found = try #require(self.mistake(text))
        #expect(found.hasPrefix(place + " "), "\(found)")
    }

    @Test("octets that are no UTF-8 are a mistake")
    func encoding() {
        #expect(throws: TOMLDocument.Mistake.self) {
            try TOMLDocument(parsing: Array("a = \"".utf8) + [0xFF, 0x22])
        }
    }

    @Test("a document beyond its octets, nodes or nesting is refused, not cut")
    func limits() {
        var limits = TOMLLimits()
        limits.documentOctetsMax = 10
        #expect(mistake("a = 1\nb = 2\n", limits: limits) == "1:1 the document is longer than 10 octets")
        limits = TOMLLimits()
        limits.nodesMax = 3
        #expect(
            mistake("a = 1\nb = 2\nc = 3\n", limits: limits)
                == "3:1 the document has too many keys and values")
        let deep = String(repeating: "[", count: 20) + String(repeating: "]", count: 20)
        #expect(mistake("a = \(deep)")?.contains("nested") == true)
    }

    @Test("half a megabyte of dotted key is refused before it can exhaust the stack")
    func dottedKey() {
        let key = String(repeating: "a.", count: 250_000) + "a"
        #expect(mistake("\(key) = 1") == "1:32 a dotted key has more than 16 parts")
        #expect(mistake("[\(key)]") == "1:33 a dotted key has more than 16 parts")
        #expect(mistake("x = { \(key) = 1 }")?.hasSuffix("more than 16 parts") == true)
    }

    @Test("dots in strings and comments are no dotted keys")
    func dotsInStrings() {
        let dots = String(repeating: ".", count: 40)
        let text =
            "a = \"\(dots)\\\"\(dots)\" # \(dots)\nb = '\(dots)'\n"
            + "c = \"\"\"\n\(dots)\"\"\"\nd = '''\(dots)'''\ne = 1\n"
        #expect(mistake(text) == nil)
    }

    @Test("a file cut anywhere is read or refused, and never a trap")
    func everyPrefix() {
        let text = Array(SettingsFixture.good.utf8)
        for end in 0...text.count {
            // Whether it is TOML by then is not the question here.
            _ = try? TOMLDocument(parsing: Array(text[..<end]))
        }
        #expect(throws: Never.self) { try TOMLDocument(parsing: text) }
    }
}
