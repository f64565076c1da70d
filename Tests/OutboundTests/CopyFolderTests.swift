// SPDX-License-Identifier: MIT

import Foundation
import Testing

@testable import Outbound

@Suite("Where a copy may be kept")
struct CopyFolderTests {
    private let folder = CopyFolder(root: "/var/lib/postern/copies", reserveOctets: 0)

    private func parts(_ path: String) -> [String]? { try? folder.parts(of: path).get() }

    @Test("a path goes below the folder, part by part; one that begins with the folder's own is the same")
    func below() {
        #expect(parts("a") == ["a"])
        #expect(parts("2026/11/22/x@y.example") == ["2026", "11", "22", "x@y.example"])
        #expect(parts("/var/lib/postern/copies/in/a") == ["in", "a"])
    }

    @Test(
        "no path leads out of the folder, hides, or is anything but a name",
        arguments: [
            "", "/", "/etc/passwd", "../x", "a/../../x", "a/..", ".", "a/./b", "a//b", "a/", ".hidden",
            "/var/lib/postern/copies/../held/x", "/var/lib/postern/copies", "a\u{0}b", "a\nb", "a\\b",
            "caf\u{e9}", String(repeating: "x", count: 201), String(repeating: "a/", count: 16) + "a",
        ])
    func outside(path: String) {
        #expect(parts(path) == nil)
    }
}
