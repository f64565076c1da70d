// SPDX-License-Identifier: MIT

internal import Mail

/// Why the command or test at hand can't be finished.
enum Interruption: Error, Sendable {
    /// The script can't go on (RFC 5228 §2.10.6). For the script's owner; the execution adds the place.
    case fault(String)
    /// It must know the answers first. The same instruction begins again with them, so nothing that lasts may
    /// happen before its last question.
    case asks([Question])
}
