// SPDX-License-Identifier: MIT

/// Why the scanner doesn't start, for its last line and its exit status.
struct ScannerExit: Error, Hashable {
    /// As sysexits.h has them.
    enum Status: Int32 {
        case usage = 64
        /// A signature file that libclamav refuses.
        case badSignatures = 65
        /// No signatures, or they can't be read.
        case noSignatures = 66
        /// The system refused something that the scanner can't do without.
        case system = 71
        /// The socket or the temporary folder can't be made.
        case cannotCreate = 73
        case noRights = 77
    }

    let status: Status
    /// What is wrong, where, and what to do.
    let message: String

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
