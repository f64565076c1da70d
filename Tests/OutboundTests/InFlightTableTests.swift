// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Testing

@testable import Outbound

@Suite("The table of what is being delivered")
struct InFlightTableTests {
    private let folder: String

    init() throws {
        folder = Gateway.newRoot()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private var path: String { folder + "/running" }

    private func entry(_ number: Int) -> EntryID {
        EntryID(message: MessageID(generation: 7, offset: UInt64(number) * 8), index: number % 3)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    @Test("a first start, and one after an orderly end, find nothing")
    func orderly() throws {
        defer { remove() }
        for _ in 0..<2 {
            let table = InFlightTable(path: path, bootID: "a")
            #expect(table.leftover == nil)
            table.begin()
            #expect(table.trouble == nil)
            let slot = try #require(table.add(entry(1)))
            table.remove(slot)
            #expect(FileManager.default.fileExists(atPath: path))
            table.end()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("after a crash the next start finds what had begun and was not removed, and begins anew")
    func crash() throws {
        defer { remove() }
        let table = InFlightTable(path: path, bootID: "a")
        table.begin()
        let slots = try (0..<5).map { try #require(table.add(entry($0))) }
        table.remove(slots[1])
        table.remove(slots[3])
        let next = InFlightTable(path: path, bootID: "a")
        #expect(next.leftover?.ids.sorted() == [entry(0), entry(2), entry(4)])
        #expect(next.leftover?.isSameBoot == true)
        next.begin()
        #expect(InFlightTable(path: path, bootID: "a").leftover == .init(ids: [], isSameBoot: true))
    }

    @Test(
        "after a new boot, or where boots can't be told apart, the table isn't believed",
        arguments: ["b", ""])
    func otherBoot(boot: String) throws {
        defer { remove() }
        InFlightTable(path: path, bootID: boot.isEmpty ? "" : "a").begin()
        #expect(InFlightTable(path: path, bootID: boot).leftover?.isSameBoot == false)
    }

    @Test("whatever stands in the file, there was a crash", arguments: [0, 1, 64, 300_000])
    func garbage(octets: Int) throws {
        defer { remove() }
        try Data((0..<octets).map { _ in UInt8.random(in: 0...255) }).write(to: URL(filePath: path))
        let table = InFlightTable(path: path, bootID: "a")
        #expect(table.leftover == .init(ids: [], isSameBoot: false))
        table.begin()
        #expect(table.trouble == nil)
        #expect(table.add(entry(1)) != nil)
    }

    @Test("it holds what it says it holds, and no more")
    func full() {
        defer { remove() }
        let table = InFlightTable(path: path, bootID: "a")
        table.begin()
        for number in 0..<InFlightTable.slotsMax { #expect(table.add(entry(number)) != nil) }
        #expect(!table.hasRoom)
        #expect(table.add(entry(0)) == nil)
        #expect(InFlightTable(path: path, bootID: "a").leftover?.ids.count == InFlightTable.slotsMax)
    }

    @Test("where the disk gives it no file, deliveries go on without")
    func noFile() {
        defer { remove() }
        let table = InFlightTable(path: folder + "/none/running", bootID: "a")
        table.begin()
        #expect(table.trouble?.contains("No such file or directory") == true)
        #expect(table.add(entry(1)) != nil)
        table.end()
    }
}
