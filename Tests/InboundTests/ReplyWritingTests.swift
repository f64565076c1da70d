// SPDX-License-Identifier: MIT

import Mail
import NIOCore
import Testing

@testable import Inbound

@Suite("A reply on its way out")
struct ReplyWritingTests {
    @Test(
        "has the octets of its wire form",
        arguments: [
            Reply(250, "2.0.0", "Ok"), Reply(220, nil, "mx.test ESMTP"), Reply(250, nil, ""),
            Reply(550, "5.7.1", ""), Reply(550, "5.7.1", lines: ["one", "", "three"]),
            Reply(250, nil, lines: ["mx.test", "SIZE 10", "PIPELINING"]),
            Reply(554, "5.7.1", String(repeating: "x", count: 2_000)),
        ])
    func wire(reply: Reply) {
        var buffer = ByteBuffer()
        buffer.writeString("before")
        buffer.write(reply)
        #expect(Array(buffer.readableBytesView) == Array("before".utf8) + reply.wire)
    }
}
