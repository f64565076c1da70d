// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("RFC 5173: body")
struct RFC5173Tests {
    private let trial = Trial(
        message: """
            From: ann@example.org
            Subject: parts
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="b"

            This is the prologue.
            --b
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable

            Gr=FC=DFe and a lo=
            ng word
            --b
            Content-Type: text/html

            <p>Visit <a href="http://x.example/">the sh<b>op</b></a> &amp; buy</p><script>hidden()</script>
            --b
            Content-Type: message/rfc822

            Subject: inner subject

            inner body
            --b
            Content-Type: application/octet-stream
            Content-Transfer-Encoding: base64

            c2VjcmV0IG9jdGV0cw==
            --b--
            This is the epilogue.
            """)

    private func holds(_ test: String) throws -> Bool {
        try trial.actions(
            "require [\"body\", \"relational\", \"variables\", \"comparator-i;ascii-numeric\"];\n"
                + "if \(test) { discard; }") == ["discard"]
    }

    @Test(
        "§5.1: :raw is the body as received, encodings and all",
        arguments: [
            (#"body :raw :contains "Gr=FC=DFe""#, true),
            (#"body :raw :contains "This is the epilogue""#, true),
            (#"body :raw :contains "Subject: parts""#, false), (#"body :raw :contains "secret""#, false),
        ])
    func raw(test: String, isTrue: Bool) throws { #expect(try holds(test) == isTrue) }

    @Test(
        "§5.2: :content looks into parts of those types, decoded and in UTF-8",
        arguments: [
            (#"body :content "text" :contains "Grüße and a long word""#, true),
            (#"body :content "text/plain" :contains "shop""#, false),
            (#"body :content "application" :contains "secret octets""#, true),
            (#"body :content "" :contains "secret octets""#, true),
            (#"body :content "text/html" :contains "sh<b>op</b>""#, true),
            (#"body :content "text/plain/x" :contains "a""#, false),
            (#"body :content "text/" :contains "a""#, false),
            (#"body :content "TEXT/Plain" :contains "inner body""#, true),
        ])
    func content(test: String, isTrue: Bool) throws { #expect(try holds(test) == isTrue) }

    @Test(
        "§5.2: of a multipart its prologue and epilogue count, of a message inside its header",
        arguments: [
            (#"body :content "multipart" :contains "the prologue""#, true),
            (#"body :content "multipart" :contains "the epilogue""#, true),
            (#"body :content "multipart" :contains "--b""#, false),
            (#"body :content "multipart" :contains "word""#, false),
            (#"body :content "message/rfc822" :contains "inner subject""#, true),
            (#"body :content "message/rfc822" :contains "inner body""#, false),
        ])
    func edges(test: String, isTrue: Bool) throws { #expect(try holds(test) == isTrue) }

    @Test(
        "§5.3: :text, which nothing given means too, is what people see",
        arguments: [
            (#"body :text :contains "the shop & buy""#, true), (#"body :contains "Grüße""#, true),
            (#"body :text :contains "hidden""#, false), (#"body :text :contains "secret""#, false),
            (#"body :text :contains "x.example""#, false),
        ])
    func text(test: String, isTrue: Bool) throws { #expect(try holds(test) == isTrue) }

    @Test("sections are counted; §6: what wildcards stood for is not kept")
    func countAndCapture() throws {
        #expect(try holds(#"body :content "text" :count "eq" :comparator "i;ascii-numeric" "3""#))
        let script = """
            require ["body", "variables", "fileinto"];
            if string :matches "kept before" "* *" {}
            if body :content "text/plain" :matches "Gr* and*" { fileinto "${1}"; }
            """
        #expect(try trial.actions(script) == ["fileinto kept"])
    }

    @Test("§4: without a body, even an empty one, no body test is true")
    func bodiless() throws {
        var trial = trial
        trial.message = "From: ann@example.org\nSubject: nothing\n"
        for test in [":raw :contains", ":text :contains", ":content \"\" :contains"] {
            #expect(
                try trial.actions("require \"body\"; if body \(test) \"\" { discard; }") == ["implicit keep"])
        }
        trial.message += "\n"
        #expect(try trial.actions("require \"body\"; if body :raw \"\" { discard; }") == ["discard"])
    }

    @Test("§5.3: text is what RFC 2045 lets be read as text")
    func readable() throws {
        var trial = trial
        let test = #"require "body"; if body :text :contains "word" { discard; }"#
        for (fields, isTrue) in [
            ("Content-Type: application/xhtml+xml", true), ("Content-Type: text/plain/odd", false),
            ("Content-Type: text/plain\nContent-Transfer-Encoding: nonesuch", false),
        ] {
            trial.message = "From: ann@example.org\nMIME-Version: 1.0\n\(fields)\n\n<p>word</p>\n"
            #expect(try trial.actions(test) == [isTrue ? "discard" : "implicit keep"])
        }
    }

    @Test("bodies beyond the limit are a run-time error, and the message is kept")
    func limit() throws {
        var trial = trial
        trial.limits.bodyOctetsMax = 100
        let outcome = try trial.outcome(#"require "body"; if body :raw :contains "x" { discard; }"#)
        #expect(outcome.error?.contains("octets of bodies") == true)
        #expect(outcome.implicitKeep)
    }
}
