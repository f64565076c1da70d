// SPDX-License-Identifier: MIT
import Testing

@testable import Lookups

@Suite("Redis's protocol")
struct RedisValueTests {
    private func read(_ text: String) -> RedisValue.Reading { RedisValue.read(Array(text.utf8)[...]) }

    private static let values: [(String, RedisValue)] = [
        ("+OK\r\n", .status("OK")), ("-ERR no\r\n", .error("ERR no")), (":-7\r\n", .integer(-7)),
        ("$3\r\na\r\n\r\n", .octets(Array("a\r\n".utf8))), ("$0\r\n\r\n", .octets([])),
        ("$-1\r\n", .octets(nil)), ("*0\r\n", .list([])), ("*-1\r\n", .list([])),
        ("*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", .list([.integer(1), .list([.octets(Array("x".utf8))])])),
    ]

    @Test("every kind of value is read, and how long it is; a part of one is waited for")
    func kinds() {
        for (text, value) in Self.values {
            #expect(read(text) == .value(value, text.utf8.count))
            #expect(read(text + "+more\r\n") == .value(value, text.utf8.count))
            for length in 0..<text.utf8.count {
                #expect(RedisValue.read(Array(text.utf8.prefix(length))[...]) == .needMore)
            }
        }
    }

    @Test(
        "what is no such value, or too large, ends the connection",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "\r\n", "+OK\n", ":x\r\n", ":\r\n", "$-2\r\n", "$x\r\n",
            "$65537\r\n",
            "$9223372036854775808\r\n", "*65\r\n", "*2147483647\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
            "$1\r\nab\r\n",
            "%1\r\n", String(repeating: "+", count: 2_000),
        ])
    func broken(text: String) {
        #expect(read(text) == .broken)
    }

    @Test("words of a command are octets with their length: nothing in them can end one")
    func command() {
        let words = ["EVAL", "a\r\nb", "", "\0\"'$1\r\n"].map { Array($0.utf8) }
        let octets = RedisValue.command(words)
        #expect(octets == Array("*4\r\n$4\r\nEVAL\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$7\r\n\0\"'$1\r\n\r\n".utf8))
        #expect(
            RedisValue.read(octets[...]) == .value(.list(words.map { .octets($0) }), octets.count))
    }
}
