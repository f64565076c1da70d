// SPDX-License-Identifier: MIT

import Foundation

/// The repository that this test was built from, as files.
struct Repository {
    /// Where Package.swift is.
    static let root: URL = {
        let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        return here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }()

    /// Folders that are made, not written.
    private static let madeFolders: Set<String> = [".git", ".build", ".swiftpm", ".postern", "__pycache__"]

    /// Paths of all files below `folder`, relative to the root, in order.
    static func files(below folder: String = "") -> [String] {
        let start = folder.isEmpty ? root : root.appendingPathComponent(folder)
        var found: [String] = []
        var pending = [(start, folder)]
        while let (url, path) = pending.popLast() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
            for name in names where !madeFolders.contains(name) && !name.hasPrefix(".build") {
                let child = url.appendingPathComponent(name)
                let childPath = path.isEmpty ? name : "\(path)/\(name)"
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: child.path, isDirectory: &isFolder) else {
                    continue
                }
                if isFolder.boolValue { pending.append((child, childPath)) } else { found.append(childPath) }
            }
        }
        return found.sorted()
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Every Swift file of ours, read once.
    private static let swiftFiles = Result {
        try (files(below: "Sources") + files(below: "Tests")).filter { $0.hasSuffix(".swift") }
            .map { SwiftFile(path: $0, text: try text($0)) }
    }

    /// Every Swift file of ours below `folders`, which are below `Sources` or `Tests`.
    static func swiftFiles(below folders: String...) throws -> [SwiftFile] {
        let all = try swiftFiles.get()
        return folders.flatMap { folder in all.filter { $0.path.hasPrefix(folder + "/") } }
    }

    /// Runs `program`, found in PATH, in the repository. Its standard error goes to ours.
    static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = root
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
