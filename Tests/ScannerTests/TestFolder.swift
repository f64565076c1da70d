// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// A folder below /tmp with a short name, because a socket's path has little room; removed with its last
/// user, or at the latest with the test run.
final class TestFolder: Sendable {
    private let root: String

    /// Folders whose users live as long as the run; nobody else would remove those.
    private static let remaining = Mutex<Set<String>>([])
    private static let removeAtExit: Int32 = atexit { TestFolder.removeRemaining() }

    init() {
        var template = Array("/tmp/postern-XXXXXX".utf8CString)
        let root = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
        self.root = root
        _ = Self.removeAtExit
        Self.remaining.withLock { _ = $0.insert(root) }
    }

    deinit { Self.remove(root) }

    private static func removeRemaining() {
        for root in remaining.withLock({ $0 }) { remove(root) }
    }

    private static func remove(_ root: String) {
        try? FileManager.default.removeItem(atPath: root)  // What stays in /tmp harms nobody.
        remaining.withLock { _ = $0.remove(root) }
    }

    func path(_ name: String) -> String { root + "/" + name }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    func makeFolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }
}
