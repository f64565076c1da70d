// SPDX-License-Identifier: MIT

import Cryptography
import Foundation
import Mail

/// One part of a message as a parser sees it.
struct ReadPart: Codable, Hashable, CustomStringConvertible {
    var type: String
    /// The file name; empty where there is none, and for multiparts.
    var name: String
    /// Parts directly inside.
    var children: Int
    /// Octets of the decoded body, and their digest; 0 and empty where there are parts inside.
    var size: Int
    var sha256: String

    var description: String {
        "\(type)\(name.isEmpty ? "" : " \"\(name)\"")"
            + (children > 0 ? " (\(children) inside)" : " \(size) \(sha256.prefix(8))")
    }
}

/// How the two other parsers read one message.
struct PeerReading: Codable {
    var python: [ReadPart]
    var gmime: [ReadPart]
}

/// How we read one.
struct OwnReading {
    var parts: [ReadPart] = []
    var defects: [MessageDefect]

    init(_ octets: [UInt8]) {
        let bytes = MessageBytes(octets)
        let tree = Message(parsing: bytes).parts()
        defects = tree.allDefects(in: bytes)
        for part in tree.all {
            let isLeaf = part.children.isEmpty
            let body = isLeaf ? part.decodedBody(in: bytes) : []
            parts.append(
                ReadPart(
                    type: part.type, name: part.contentType.isMultipart ? "" : part.filename ?? "",
                    children: part.children.count, size: body.count,
                    sha256: isLeaf ? Digest.sha256Hex(body) : ""))
        }
    }
}

/// Starts the other parsers once for a whole corpus.
enum Peers {
    /// The parsers are Debian's: a machine without them fails here, since then nothing was compared.
    static func read(_ messages: [[UInt8]]) throws -> [PeerReading] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "postern-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (number, message) in messages.enumerated() {
            try Data(message).write(to: folder.appendingPathComponent("\(number)"))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("peers.py")
                .path,
            folder.path,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw PeersFailed(status: process.terminationStatus) }
        return try answer.split(separator: 0x0A).map { try JSONDecoder().decode(PeerReading.self, from: $0) }
    }

    struct PeersFailed: Error {
        var status: Int32
    }
}
