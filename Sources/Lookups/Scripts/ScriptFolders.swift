// SPDX-License-Identifier: MIT

internal import Glibc
package import Mail

/// Scripts that are read when mail comes: users' own, and those that filter URLs lead to.
///
/// Nothing is kept: the system's own cache has what was read lately, and a changed file counts from the next
/// message on. Below a configured folder no link is followed, so that whoever may write there can't hand us
/// anything else on this machine.
package final class ScriptFolders: SenseWork {
    private let folders: [String: String]

    /// `folders` are paths by the name that questions give (`ScriptQuestion.store`).
    package init(_ folders: [String: String]) { self.folders = folders }

    /// The sense: `threads` read at once, each question for at most `budgetMs`.
    package static func sense(_ folders: [String: String], threads: Int = 2, budgetMs: Int = 5_000)
        -> SenseLine
    {
        SenseLine(name: "the folders of scripts", budgetMs: budgetMs, threads: threads, batchMax: 16) {
            ScriptFolders(folders)
        }
    }

    package func work(_ tasks: [SenseTask]) {
        for task in tasks {
            guard case .script(let question)? = task.question else {
                task.fail("the folders of scripts answer no such question")
                continue
            }
            task.answer(.script(answer(question)))
        }
    }

    package func answer(_ question: ScriptQuestion) -> ScriptAnswer {
        guard let folder = folders[question.store] else {
            return .unreachable("there is no folder of scripts \"\(question.store)\"")
        }
        guard let names = question.names, let file = names.last else {
            return .refused("\"\(question.path)\" is no path of a script")
        }
        // The folder itself is the operator's, and may be a link.
        var place = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { return Self.failure(folder, isMissingFatal: true) }
        defer { close(place) }
        var path = folder
        // Bounded by `ScriptQuestion.namesMax`.
        for name in names.dropLast() {
            path += "/\(name)"
            let next = openat(place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { return Self.failure(path, isMissingFatal: false) }
            close(place)
            place = next
        }
        path += "/\(file)"
        // A pipe would keep us waiting for its other end.
        let descriptor = openat(place, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return Self.failure(path, isMissingFatal: false) }
        defer { close(descriptor) }
        return Self.read(descriptor, path)
    }

    private static func read(_ descriptor: Int32, _ path: String) -> ScriptAnswer {
        var about = stat()
        guard fstat(descriptor, &about) == 0 else { return failure(path, isMissingFatal: true) }
        guard about.st_mode & S_IFMT == S_IFREG else { return .refused("\(path) is no plain file") }
        let most = ScriptAnswer.octetsMax
        guard about.st_size <= most else { return .refused("\(path) has more than \(most) octets") }
        // One more than was said, so that one that grows meanwhile is noticed.
        var octets = [UInt8](repeating: 0, count: most + 1)
        var filled = 0
        while filled < octets.count {
            let got = octets.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { Glibc.read(descriptor, $0 + filled, buffer.count - filled) } ?? -1
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { return failure(path, isMissingFatal: true) }
            if got == 0 { break }
            filled += got
        }
        guard filled <= most else { return .refused("\(path) has more than \(most) octets") }
        guard let text = String(validating: octets[..<filled], as: UTF8.self) else {
            return .refused("\(path) is not UTF-8")
        }
        return .text(text)
    }

    /// What `errno` means. A folder of ours that is missing is no missing script: the disk may not be there
    /// yet.
    private static func failure(_ path: String, isMissingFatal: Bool) -> ScriptAnswer {
        let reason = String(cString: strerror(errno))
        switch errno {
        case ENOENT where !isMissingFatal: return .none
        case ELOOP: return .refused("\(path) is a link, and none is followed there")
        case ENOTDIR where !isMissingFatal: return .refused("\(path) is a link or no folder")
        case ENXIO, ENODEV: return .refused("\(path) is no plain file")
        case ENAMETOOLONG: return .none
        default: return .unreachable("\(path): \(reason)")
        }
    }
}
