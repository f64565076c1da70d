// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Mail
import Testing

@testable import Lookups

@Suite("Folders of scripts")
struct ScriptFoldersTests {
    private let folder: TemporaryFolder
    private let runner: ErrandRunner

    init() throws {
        folder = try TemporaryFolder()
        runner = try ErrandRunner()
    }

    private func write(_ octets: [UInt8], _ name: String) throws {
        let file = URL(fileURLWithPath: "\(folder.path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(octets).write(to: file)
    }

    private func ask(_ path: String, store: String = ScriptQuestion.users) -> ScriptAnswer? {
        let work = ScriptFolders([
            ScriptQuestion.users: "\(folder.path)/users", "gone": "\(folder.path)/gone",
        ])
        guard
            case .script(let answer)? = runner.answer(
                .script(ScriptQuestion(store: store, path: path)), of: work)
        else { return nil }
        return answer
    }

    /// Whether it is refused with such words.
    private func refusal(_ path: String) -> String {
        if case .refused(let reason)? = ask(path) { reason } else { "" }
    }

    @Test("answer with a script's text, as it is at that moment")
    func text() throws {
        try write(Array("keep;".utf8), "users/ann@example.net.sieve")
        try write(Array("discard;".utf8), "users/ann@example.net/more.sieve")
        #expect(ask("ann@example.net.sieve") == .text("keep;"))
        #expect(ask("ann@example.net/more.sieve") == .text("discard;"))
        #expect(ask("bob@example.net.sieve") == ScriptAnswer.none)
        #expect(ask("bob@example.net/more.sieve") == ScriptAnswer.none)
        try write(Array("stop;".utf8), "users/ann@example.net.sieve")
        #expect(ask("ann@example.net.sieve") == .text("stop;"))
        try FileManager.default.removeItem(atPath: "\(folder.path)/users/ann@example.net.sieve")
        #expect(ask("ann@example.net.sieve") == ScriptAnswer.none)
    }

    @Test(
        "nothing outside of the folder is read",
        arguments: [
            "../secret.sieve", "/etc/passwd", "a/../../secret.sieve", "./x", "a//b", "", ".x.sieve", "a\0b",
            "x/.y",
            "a/b/c/d/e/f/g/h/i",
        ])
    func outside(path: String) throws {
        try write(Array("keep;".utf8), "secret.sieve")
        try write([], "users/a/x")
        #expect(refusal(path).contains("is no path of a script"))
    }

    @Test("no link is followed, at any depth")
    func links() throws {
        try write(Array("keep;".utf8), "secret/x.sieve")
        try write([], "users/a.sieve")
        #expect(symlink("\(folder.path)/secret/x.sieve", "\(folder.path)/users/link.sieve") == 0)
        #expect(symlink("\(folder.path)/secret", "\(folder.path)/users/folder") == 0)
        #expect(refusal("link.sieve").contains("is a link"))
        #expect(refusal("folder/x.sieve").contains("is a link"))
    }

    @Test("what is no plain file, no text, or too long is refused, and nobody waits for it")
    func unusable() throws {
        try write([], "users/a.sieve")
        try write([0x6B, 0xFF], "users/latin.sieve")
        try write([UInt8](repeating: 0x20, count: ScriptAnswer.octetsMax), "users/most.sieve")
        try write([UInt8](repeating: 0x20, count: ScriptAnswer.octetsMax + 1), "users/long.sieve")
        #expect(mkfifo("\(folder.path)/users/pipe.sieve", 0o600) == 0)
        #expect(refusal("pipe.sieve").contains("no plain file"))
        // Nobody's mail is to wait for one, either.
        #expect(mknod("\(folder.path)/users/socket.sieve", S_IFSOCK | 0o600, 0) == 0)
        #expect(refusal("socket.sieve").contains("no plain file"))
        #expect(refusal("latin.sieve").contains("not UTF-8"))
        #expect(refusal("long.sieve").contains("more than 65536 octets"))
        #expect(ask("most.sieve") == .text(String(repeating: " ", count: ScriptAnswer.octetsMax)))
        #expect(mkdir("\(folder.path)/users/folder.sieve", 0o700) == 0)
        #expect(refusal("folder.sieve").contains("no plain file"))
    }

    @Test("a folder that is missing, or not configured, is no missing script")
    func gone() {
        for store in ["gone", "other"] {
            guard case .unreachable? = ask("a.sieve", store: store) else {
                Issue.record("\(store) answered")
                continue
            }
        }
    }
}
