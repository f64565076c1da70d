// SPDX-License-Identifier: MIT

import Foundation

/// Keeps a file beyond the life of the gateway that wrote it, as it was at one instant.
enum FolderCopy {
    static func copy(_ path: String, to target: String) throws {
        try Data(contentsOf: URL(filePath: path)).write(to: URL(filePath: target))
    }

    static func restore(_ path: String, to target: String) throws {
        try FileManager.default.createDirectory(
            at: URL(filePath: target).deletingLastPathComponent(), withIntermediateDirectories: true)
        try copy(path, to: target)
        try FileManager.default.removeItem(atPath: path)
    }
}
