// SPDX-License-Identifier: MIT

internal import Glibc
internal import Mail

/// One maildir: `tmp` for what is being written, `new` for what has arrived, `cur` for what a reader has
/// seen.
///
/// A message's name in `new` follows from its entry alone, so a delivery repeated after a crash replaces the
/// first copy instead of standing beside it. What a reader has meanwhile moved to `cur` would come again.
struct MaildirFolder: Sendable {
    let path: String

    /// Makes what is missing of `path`, `tmp`, `new` and `cur`; the folder above must exist. Throws where we
    /// could not write into it.
    init(preparing path: String) throws(OutboundError) {
        self.path = path
        for folder in [path, path + "/tmp", path + "/new", path + "/cur"] {
            guard mkdir(folder, 0o750) == 0 || errno == EEXIST else {
                throw .system(
                    .disk, "maildir folder \(folder)", help: "check that its parent exists and is writable")
            }
        }
        for folder in [path + "/tmp", path + "/new"] {
            guard access(folder, W_OK | X_OK) == 0 else {
                throw .system(
                    .disk, "maildir folder \(folder)", help: "check whose it is and that we may write it")
            }
        }
        try Self.sync(folder: path)
    }

    /// Writes a file into `tmp` and syncs it; it arrives with `arrive`. A file of that name is overwritten.
    ///
    /// The parts are written from where they lie, without a copy.
    func write(name: String, top: [UInt8], pieces: [Edition.Piece], body: MessageBytes) throws(OutboundError)
    {
        let file = path + "/tmp/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw failure(file) }
        defer { close(descriptor) }
        do throws(OutboundError) {
            guard top.withUnsafeBytes({ Self.writeAll($0, to: descriptor) }) else { throw failure(file) }
            for piece in pieces {
                switch piece {
                case .inserted(let bytes):
                    guard bytes.withUnsafeBytes({ Self.writeAll($0, to: descriptor) }) else {
                        throw failure(file)
                    }
                case .original(let range):
                    guard range.lowerBound >= 0, range.upperBound <= body.count else {
                        throw OutboundError(
                            code: .disk,
                            message:
                                "\(file): the queue names octets \(range) of a message of \(body.count); "
                                + "look at the entry with \"postern queue show\"")
                    }
                    let isWritten = body.withBytes {
                        Self.writeAll(UnsafeRawBufferPointer(rebasing: $0[range]), to: descriptor)
                    }
                    guard isWritten else { throw failure(file) }
                }
            }
            guard fdatasync(descriptor) == 0 else { throw failure(file) }
        } catch {
            unlink(file)
            throw error
        }
    }

    /// Moves a written file to `new`. It has arrived for good only after `syncNew`.
    func arrive(name: String) throws(OutboundError) {
        guard rename(path + "/tmp/" + name, path + "/new/" + name) == 0 else {
            throw failure(path + "/new/" + name)
        }
    }

    func syncNew() throws(OutboundError) { try Self.sync(folder: path + "/new") }

    /// False leaves the reason in `errno`.
    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, chunk.baseAddress, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func sync(folder: String) throws(OutboundError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .system(.disk, folder, help: "check that the folder exists and is readable")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(.disk, folder, help: "check the disk") }
    }

    private func failure(_ file: String) -> OutboundError {
        .system(.disk, file, help: "check that the maildir is writable and its disk not full")
    }
}
