// SPDX-License-Identifier: MIT

import Mail
import Testing

@Suite("RFC 5228 §4: actions")
struct ActionTests {
    @Test("§4.1: fileinto names its mailbox as written, in UTF-8")
    func fileinto() throws {
        let script =
            "require \"fileinto\";\n"
            + "if header :contains [\"from\"] \"coyote\" { fileinto \"INBOX.harassment\"; }"
        #expect(try Trial().actions(script) == ["fileinto INBOX.harassment"])
        #expect(
            try Trial().actions("require \"fileinto\"; fileinto \"\u{C4}rger\";") == ["fileinto \u{C4}rger"])
    }

    @Test("§4.1: a mailbox name that is empty, holds a line end, or isn't UTF-8 is an error")
    func badFolder() {
        #expect(
            Compiling.places("require \"fileinto\"; fileinto \"\";") == [
                "1:30: the mailbox name \"\" is invalid"
            ])
        #expect(
            Compiling.places("require \"fileinto\"; fileinto \"a\nb\";") == [
                "1:30: the mailbox name \"a??b\" is invalid"
            ])
        let latin1 = Array("require \"fileinto\"; fileinto \"".utf8) + [0xC4] + Array("\";".utf8)
        #expect(Compiling.complaints(latin1).map(\.message) == ["the mailbox name \"\u{FFFD}\" is invalid"])
    }

    @Test(
        "§4.2: redirect takes an address, with or without a name",
        arguments: [
            ("bart@example.com", "bart@example.com"), ("Bart S. <bart@example.com>", "bart@example.com"),
            ("\\\"Simpson, Bart\\\" <bart@example.com>", "bart@example.com"),
            ("<b.s+x@mail.example.com>", "b.s+x@mail.example.com"), ("a@[192.0.2.1]", "a@[192.0.2.1]"),
            ("a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"),
            ("\\\"a,b\\\"@example.org", "\"a,b\"@example.org"),
        ])
    func redirect(written: String, address: String) throws {
        #expect(try Trial().actions("redirect \"\(written)\";") == ["redirect \(address)"])
    }

    @Test(
        "§2.4.2.3: what isn't one address that mail can be sent to is refused when the script is compiled",
        arguments: [
            "", "bart", "bart@", "@example.com", "a@example.com, b@example.com", "group: a@example.com;",
            "<@relay.example.com:bart@example.com>", "a@example..com", "a@-example.com", "a@[999.0.2.1]",
            "b\u{E4}rt@example.com", "a@ex\u{E4}mple.com", "a@example.com>", "a@b@example.com",
            "a@example.com,",
            "bart@example.com\r\nBcc: x@example.com", "a b@example.com", "a@[192.0.2.1",
        ])
    func badAddress(text: String) {
        let complaints = Compiling.complaints("redirect \"\(text)\";")
        #expect(complaints.count == 1)
        #expect(complaints.first?.message.hasSuffix("is not an address that mail can be sent to") == true)
        #expect(complaints.first?.column == 10)
    }

    @Test("§4.3: an explicit keep is an action")
    func keep() throws {
        #expect(try Trial().actions("if size :under 1M { keep; } else { discard; }") == ["keep"])
    }

    @Test("§4.4: discard goes with every other action")
    func discard() throws {
        #expect(
            try Trial().actions("require \"fileinto\"; discard; fileinto \"a\"; redirect \"x@example.org\";")
                == [
                    "discard", "fileinto a", "redirect x@example.org",
                ])
    }
}
