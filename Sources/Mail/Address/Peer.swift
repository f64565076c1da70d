// SPDX-License-Identifier: MIT

/// Both ends of a TCP connection that a client made to us.
package struct Peer: Codable, Hashable, Sendable {
    package let clientAddress: IPAddress
    package let clientPort: Int
    package let serverAddress: IPAddress
    package let serverPort: Int

    package init(clientAddress: IPAddress, clientPort: Int, serverAddress: IPAddress, serverPort: Int) {
        self.clientAddress = clientAddress
        self.clientPort = clientPort
        self.serverAddress = serverAddress
        self.serverPort = serverPort
    }
}
