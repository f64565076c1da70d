// SPDX-License-Identifier: MIT

internal import Mail

/// `ETRN [@|#]node` (RFC 1985 §5.3): the client asks us to send what waits for a node.
package struct QueueRunCommand: Hashable, Sendable {
    package enum Scope: Hashable, Sendable {
        /// Mail for the node itself.
        case node
        /// `@`: for every domain below it as well.
        case domain
        /// `#`: a queue by its name, whose meaning is the server's.
        case queue
    }

    package let scope: Scope
    /// Letters, digits, `.`, `-`, `_` and the brackets and colons of an address literal; 1 to 255 octets.
    package let node: String

    package init(scope: Scope, node: String) {
        self.scope = scope
        self.node = node
    }

    /// As the client wrote it, with its sign.
    package var argument: String {
        switch scope {
        case .node: node
        case .domain: "@" + node
        case .queue: "#" + node
        }
    }

    /// The scanner stands behind `ETRN` and its spaces.
    static func parse(_ scanner: inout LineScanner) -> Command {
        var scope = Scope.node
        if scanner.take(UInt8(ascii: "@")) {
            scope = .domain
        } else if scanner.take(UInt8(ascii: "#")) {
            scope = .queue
        }
        let node = scanner.take(while: \.isHelloNameOctet)
        guard scanner.isAtEnd, !node.isEmpty, node.count <= SMTPLimits.helloNameOctetsMax else {
            return .malformed(.etrnGrammar)
        }
        return .queueRun(QueueRunCommand(scope: scope, node: scanner.text(node)))
    }
}
