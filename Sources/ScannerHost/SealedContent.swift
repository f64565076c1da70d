// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc
internal import Mail

/// A copy of a message in a memory file that nobody, ourselves included, can change any more: what the
/// scanner judges is what was received. It has no name that another process could open.
struct SealedContent: ~Copyable {
    let descriptor: Int32
    let octets: Int

    /// Put in front of a message. Without a header that it knows at the very start, libclamav doesn't take a
    /// message for one and leaves its attachments encoded, so a sender would only need to begin with a header
    /// of his own. "From " would not do: it makes the file a mailbox, which any body line with "From " cuts
    /// in two.
    static let traceHeader = Array("Received: by postern\r\n".utf8)

    init(of bytes: MessageBytes, as form: ScanForm) throws(ScannerFailure) {
        let file = postern_memory_file("postern-job")
        guard file >= 0 else { throw .failed(what: "make a memory file", why: describe(-file)) }
        let prefix = form == .message ? Self.traceHeader : []
        var status = prefix.withUnsafeBytes { Self.write($0, to: file) }
        if status == 0 { status = bytes.withBytes { Self.write($0, to: file) } }
        if status == 0 { status = -postern_seal(file) }
        guard status == 0 else {
            close(file)
            throw .failed(what: "copy the message for the scanner", why: describe(status))
        }
        descriptor = file
        octets = prefix.count + bytes.count
    }

    deinit { close(descriptor) }

    /// Returns 0 or an error number.
    private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Int32 {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count > 0 {
                done += count
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}

/// The system's words for an error number.
func describe(_ number: Int32) -> String {
    guard let words = strerror(number) else { return "error \(number)" }
    return String(cString: words)
}
