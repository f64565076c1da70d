// SPDX-License-Identifier: MIT

/// How mail leaves by one channel.
package struct RouteSettings: Codable, Hashable, Sendable {
    package enum Destination: Codable, Hashable, Sendable {
        /// Each message a file in this folder's `new/`. Absolute path.
        case maildir(String)
        case smtp(NextHop)
    }

    package var destination: Destination
    /// Connections or writers at once, 1...1000.
    package var connections: Int

    package init(destination: Destination, connections: Int) {
        self.destination = destination
        self.connections = connections
    }
}
