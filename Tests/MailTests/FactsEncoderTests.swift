// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("The encoder of facts")
struct FactsEncoderTests {
    private static let trail = Trail([
        Trail.Entry(
            .mapping, rule: "mappings:41", about: "PORT_ACCESS TCP|\"x\"|\\", captures: ["a", "b\n"],
            flags: ["N", "X"], result: "refused"),
        Trail.Entry(.settlement, rule: nil, about: "", result: "Grüße \u{1}"),
    ])

    private static func text(_ value: some Encodable) throws -> String {
        String(decoding: try FactsEncoder().encode(value), as: UTF8.self)
    }

    @Test("a trail written by hand is what its conformance would write")
    func trail() throws {
        // The entries by themselves take the general way.
        let entries = try Self.text(Self.trail.entries)
        #expect(try Self.text(Self.trail) == "{\"entries\":\(entries)}")
        #expect(try Self.text(Trail()) == "{\"entries\":[]}")
        #expect(try JSONRoundTrip.of(Self.trail) == Self.trail)
        #expect(try Self.text(["one": Self.trail]) == "{\"one\":{\"entries\":\(entries)}}")
    }

    @Test("a list of texts is what any list would be")
    func strings() throws {
        #expect(try Self.text([String]()) == "[]")
        #expect(try Self.text(["a", "\"", "c\r\n"]) == "[\"a\",\"\\\"\",\"c\\r\\n\"]")
        #expect(try Self.text([["a"], []]) == "[[\"a\"],[]]")
    }

    @Test("texts, numbers and truths stand alone as in a container")
    func plain() throws {
        #expect(try Self.text("a\\b") == "\"a\\\\b\"")
        #expect(try Self.text(-5) == "-5")
        #expect(try Self.text([true, false]) == "[true,false]")
        #expect(try Self.text(String?.none) == "null")
        #expect(try Self.text([Int?.none, 1]) == "[null,1]")
    }
}
