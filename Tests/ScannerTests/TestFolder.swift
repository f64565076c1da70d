// SPDX-License-Identifier: MIT
import Foundation

/// A folder below /tmp with a short name, because a socket's path has little room; removed with its last
/// user.
final class TestFolder: Sendable {
    private let root: String

    init() {
        var template = Array("/tmp/postern-XXXXXX".utf8CString)
        root = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }  // What stays in /tmp harms nobody.

    func path(_ name: String) -> String { root + "/" + name }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    func makeFolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }
}
