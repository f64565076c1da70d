// SPDX-License-Identifier: MIT

/// Why a server gave no answer.
enum DirectoryFailure: Error, Equatable {
    /// It can't be reached, hung up, talks nonsense, or doesn't know us: another may.
    case gone(String)
    /// It took too long.
    case slow(String)
    /// The question is wrong; no server will answer it.
    case refused(String)
    /// Of a bind: it says that the secret isn't right.
    case wrongSecret
}
