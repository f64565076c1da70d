// SPDX-License-Identifier: MIT

import Foundation
import Mail
import Testing

/// No message can be read two ways unnoticed: what well-formed messages are, three parsers agree on, and
/// where they don't agree on a message, we have named a defect of it.
@Suite("Three parsers")
struct DifferentialTests {
    private static func shown(_ octets: [UInt8]) -> String {
        String(decoding: octets.prefix(3_000), as: UTF8.self).replacingOccurrences(of: "\r", with: "␍")
    }

    private static func difference(_ own: [ReadPart], _ peers: PeerReading) -> String? {
        if own == peers.python, own == peers.gmime { return nil }
        return "we: \(own)\nPython: \(peers.python)\nGMime: \(peers.gmime)"
    }

    @Test("well-formed messages are read alike, and have no defect")
    func wellFormed() throws {
        var writer = MessageWriter(seed: 1)
        let messages = (0..<400).map { _ in writer.message() }
        let peers = try Peers.read(messages)
        try #require(peers.count == messages.count)
        var parts = 0
        for (message, peers) in zip(messages, peers) {
            let own = OwnReading(message)
            parts += own.parts.count
            #expect(own.defects.isEmpty, "\(Self.shown(message))")
            if let difference = Self.difference(own.parts, peers) {
                Issue.record("\(difference)\n\(Self.shown(message))")
            }
        }
        #expect(parts > 1_000, "the messages are too simple to show anything")
    }

    @Test("whatever three parsers don't read alike has a defect that we name")
    func mutated() throws {
        var writer = MessageWriter(seed: 2)
        let messages = (0..<1_500).map { _ in writer.mutated(writer.message()) }
        try compare(messages, names: messages.indices.map { "\($0)" }, leastDifferent: 100)
    }

    @Test("each of the known tricks is read alike, or has a defect that we name")
    func tricks() throws {
        let tricks = Trick.all
        try compare(tricks.map(\.octets), names: tricks.map(\.name), leastDifferent: 20)
    }

    private func compare(_ messages: [[UInt8]], names: [String], leastDifferent: Int) throws {
        let peers = try Peers.read(messages)
        try #require(peers.count == messages.count)
        var different = 0
        var unnamed = 0
        for (index, message) in messages.enumerated() {
            let own = OwnReading(message)
            guard let difference = Self.difference(own.parts, peers[index]) else { continue }
            different += 1
            guard own.defects.isEmpty, Exception.explaining(message, own, peers[index]) == nil else {
                continue
            }
            unnamed += 1
            if unnamed <= 15 { Issue.record("\(names[index]):\n\(difference)\n\(Self.shown(message))") }
        }
        #expect(unnamed == 0)
        #expect(different >= leastDifferent, "the messages show too little")
    }
}
