// SPDX-License-Identifier: MIT

import Foundation
import Testing

@testable import Outbound

@Suite("The log of acts")
struct ActLogTests {
    private func act(_ key: String, _ entry: String, _ result: String) -> ActLog.Act {
        ActLog.Act(key: key, verb: "release", entry: entry, result: result, reply: nil, at: 1)
    }

    @Test("what was recorded is found after a restart, and a torn line spoils no other")
    func restart() throws {
        let path = "/tmp/po-acts-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            var log = try ActLog(path: path)
            try log.record(act("k", "1-8.0", "in_progress"))
            try log.record(act("k", "1-8.0", "delivered"))
        }
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"key\":\"to".utf8))
        try handle.close()
        var log = try ActLog(path: path)
        #expect(log.act(key: "k", entry: "1-8.0")?.result == "delivered")
        #expect(log.act(key: "k", entry: "1-9.0") == nil)
        try log.record(act("l", "1-9.0", "deleted"))
        let again = try ActLog(path: path)
        #expect(again.newest(entry: "1-9.0")?.result == "deleted")
        #expect(again.newest(entry: "1-8.0")?.result == "delivered")
    }
}
