// SPDX-License-Identifier: MIT

package import Mail

/// Why a connection can't be used any more.
package enum SendingEnd: Hashable, Sendable {
    /// We said QUIT.
    case quit
    /// The greeting, or EHLO and HELO, were refused, or the server said 421: its reply.
    case refused(Reply)
    /// The server closed the connection, or a reply took too long.
    case lost(String)
    /// The server doesn't speak SMTP as it should.
    case faulty(String)
}
