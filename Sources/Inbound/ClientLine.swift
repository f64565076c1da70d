// SPDX-License-Identifier: MIT

internal import Mail

/// The connection, as a visit sees it.
protocol ClientLine: AnyObject {
    /// Replies gather, and go out together before the line waits for the client.
    func send(_ reply: Reply)
    /// So many replies have gathered that they must go out before there are more.
    var isFull: Bool { get }
    func startTLS()
    /// After what was sent has gone out. `isGoodbye` where the client has said QUIT, and so sends nothing
    /// more.
    func close(isGoodbye: Bool)
    /// An answer came: take up what waits in the buffer.
    func resume()
}
