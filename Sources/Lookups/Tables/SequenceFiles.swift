// SPDX-License-Identifier: MIT

internal import CPostern
internal import Glibc
package import Logging
internal import Mail
internal import Telemetry

/// Sequences: each a file whose text is the next number. A number is on the disk as taken before it is given
/// out, so that no crash gives it out twice; what is asked for together is taken together.
///
/// Several processes may use the same files: each taking locks its file.
package final class SequenceFiles: SenseWork {
    private let folder: String
    private let logger: Logger
    private var open: [String: Int32] = [:]
    private var failing: Set<String> = []

    /// Octets of a name, which is a file's.
    private static let nameOctetsMax = 64
    /// Of the number in a file: the greatest has 19.
    private static let digits = 20
    /// Sequences of one ruleset are few: it names each.
    private static let openMax = 1_000

    /// `folder` is `sequences`; a file that is missing is made, an empty one begins at 0.
    package init(folder: String, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    package func work(_ tasks: [SenseTask]) {
        var byName: [String: [(task: SenseTask, modulus: Int64?)]] = [:]
        for task in tasks {
            guard case .sequence(let question)? = task.question else {
                task.fail("sequences answer no such question")
                continue
            }
            byName[question.name, default: []].append((task, question.modulus))
        }
        for (name, tasks) in byName {
            do throws(LookupError) {
                var next = try take(tasks.count, of: name)
                failing.remove(name)
                for (task, modulus) in tasks {
                    if let modulus, modulus < 1 {
                        task.fail("sequence \(name): a modulus of \(modulus) makes no sense")
                    } else {
                        task.answer(.sequence(modulus.map { next % $0 } ?? next))
                    }
                    next += 1
                }
            } catch {
                for (task, _) in tasks { task.fail(error.description) }
                if failing.count < Self.openMax, failing.insert(name).inserted {
                    logger.log(LookupsEvent.sequenceFailed(sequence: name, reason: error.description))
                }
            }
        }
    }

    package func end() {
        for descriptor in open.values { close(descriptor) }
        open = [:]
    }

    /// The first of `count` numbers, which nobody else gets.
    private func take(_ count: Int, of name: String) throws(LookupError) -> Int64 {
        let descriptor = try file(name)
        guard postern_lock(descriptor, 1) == 0 else { throw failure(name) }
        defer { postern_unlock(descriptor) }
        let first = try read(descriptor, name)
        let (next, isTooLarge) = first.addingReportingOverflow(Int64(count))
        guard !isTooLarge else { throw LookupError("sequence \(name) has no number left") }
        // Always as long, so that it is one write within one block, and nothing of an earlier text is left.
        let text = String(next)
        let octets = Array((String(repeating: "0", count: Self.digits - text.utf8.count) + text + "\n").utf8)
        guard pwrite(descriptor, octets, octets.count, 0) == octets.count, fdatasync(descriptor) == 0 else {
            throw failure(name)
        }
        return first
    }

    private func read(_ descriptor: Int32, _ name: String) throws(LookupError) -> Int64 {
        var octets = [UInt8](repeating: 0, count: Self.digits + 3)
        let count = octets.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw failure(name) }
        let text = octets.prefix(count).prefix { $0 != 0x0A && $0 != 0x0D }
        if text.isEmpty, count <= 1 { return 0 }
        guard text.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(String(decoding: text, as: UTF8.self))
        else {
            throw LookupError(
                "sequence \(name): \(folder)/\(name) holds no number; write the next one into it")
        }
        return number
    }

    private func file(_ name: String) throws(LookupError) -> Int32 {
        guard Self.isName(name) else {
            throw LookupError("\"\(name)\" is no name of a sequence: letters, digits, \"_\", \"-\" and \".\"")
        }
        if let descriptor = open[name] {
            // Somebody may have put another in its place.
            var (opened, named) = (stat(), stat())
            if fstat(descriptor, &opened) == 0, stat("\(folder)/\(name)", &named) == 0,
                opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
            {
                return descriptor
            }
            close(descriptor)
            open[name] = nil
        }
        guard open.count < Self.openMax else { throw LookupError("more than \(Self.openMax) sequences") }
        let descriptor = Glibc.open("\(folder)/\(name)", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw failure(name) }
        // The name must survive a power cut with the numbers in it.
        let place = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if place >= 0 { close(place) } }
        guard place >= 0, fsync(place) == 0 else {
            close(descriptor)
            throw failure(name)
        }
        open[name] = descriptor
        return descriptor
    }

    /// It becomes a file's name: nothing that leads elsewhere.
    private static func isName(_ name: String) -> Bool {
        (1...nameOctetsMax).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: ".")
            && name.utf8.allSatisfy { octet in
                switch octet {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    private func failure(_ name: String) -> LookupError {
        LookupError("sequence \(name): \(folder)/\(name): \(String(cString: strerror(errno)))")
    }
}
