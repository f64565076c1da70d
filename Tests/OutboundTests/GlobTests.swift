// SPDX-License-Identifier: MIT

import Testing

@testable import Outbound

@Suite("A glob")
struct GlobTests {
    @Test(
        "a star stands for any run, a question mark for one octet, and case doesn't count",
        arguments: [
            ("*", "", true), ("", "", true), ("", "x", false), ("a?c", "ABC", true), ("a?c", "ac", false),
            ("*@example.com", "x@example.com", true), ("*@example.com", "x@example.com.evil", false),
            ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false),
        ])
    func matches(pattern: String, text: String, expected: Bool) {
        #expect(Glob(pattern).matches(text) == expected)
    }

    @Test("a pattern full of stars costs no more than the product of both lengths")
    func hostile() {
        let pattern = String(repeating: "*a", count: 120) + "b"
        #expect(!Glob(pattern).matches(String(repeating: "a", count: 254)))
    }
}
