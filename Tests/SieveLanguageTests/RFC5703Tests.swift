// SPDX-License-Identifier: MIT

import Foundation
import Mail
import Testing

@testable import SieveLanguage

@Suite("RFC 5703: mime, foreverypart, extracttext")
struct RFC5703Tests {
    private let trial = Trial(
        message: """
            From: ann@example.org
            To: bob@example.org
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="outer"

            --outer
            Content-Type: multipart/alternative; boundary="inner"

            --inner
            Content-Type: text/plain

            hello plain world
            --inner
            Content-Type: text/html; charset=utf-8

            <p>hello</p>
            --inner--
            --outer
            Content-Type: application/x-msdownload; name="a.exe"
            Content-Disposition: attachment; filename*=utf-8''evil%2Eexe
            X-Owner: Carl <carl@example.net>

            MZ
            --outer--
            """)

    private let head = """
        require ["mime", "foreverypart", "extracttext", "variables", "fileinto", "copy", "relational",
            "comparator-i;ascii-numeric"];

        """

    private func holds(_ test: String) throws -> Bool {
        try trial.actions(head + "if \(test) { discard; }") == ["discard"]
    }

    @Test(
        "§4: aspects of fields, of the message and of every part below it",
        arguments: [
            (#"header :mime :type "content-type" "multipart""#, true),
            (#"header :mime :subtype "content-type" "mixed""#, true),
            (#"header :mime :contenttype "content-type" "text/html""#, false),
            (#"header :mime :anychild :contenttype "content-type" "text/html""#, true),
            (#"header :mime :anychild :param "filename" :matches "content-disposition" "*.exe""#, true),
            (#"header :mime :anychild :param ["name", "x"] "content-type" "a.exe""#, true),
            (#"header :mime :param "filename" :matches "content-disposition" "*""#, false),
            (#"header :anychild :mime :type "content-disposition" "attachment""#, true),
            (#"header :mime :anychild :count "eq" :comparator "i;ascii-numeric" "content-type" "5""#, true),
            (#"exists :mime :anychild "x-owner""#, true), (#"exists :mime "x-owner""#, false),
            (#"address :mime :anychild :localpart "x-owner" "carl""#, false),
            (#"address :mime :anychild :domain "to" "example.org""#, true),
        ])
    func aspects(test: String, isTrue: Bool) throws {
        // address keeps to fields that hold addresses, in parts too.
        if test.contains("x-owner\" \"carl") {
            #expect(Compiling.complaints(head + "if \(test) { discard; }").count == 1)
        } else {
            #expect(try holds(test) == isTrue)
        }
    }

    @Test("§3: the loop sees every part, the message first, each before those inside it")
    func order() throws {
        let script =
            head + """
                foreverypart {
                    if header :mime :matches "content-type" "*/*" { fileinto :copy "${1}"; }
                    if header :mime :contenttype "content-type" "text/html" { break; }
                }
                """
        #expect(
            try trial.actions(script) == [
                "fileinto :copy multipart", "fileinto :copy text", "implicit keep",
            ])
    }

    @Test("§3: a loop in a loop sees what is below the part at hand; break leaves the loop it names")
    func nested() throws {
        let script =
            head + """
                set "n" "";
                foreverypart :name "out" {
                    if header :mime :contenttype "content-type" "multipart/alternative" {
                        foreverypart {
                            if header :mime :matches "content-type" "text/*" { set "n" "${n} ${1}"; }
                            if header :mime :subtype "content-type" "html" { break :name "out"; }
                        }
                        set "n" "${n} no";
                    }
                }
                fileinto "n${n}";
                """
        #expect(try trial.actions(script) == ["fileinto n plain html; charset=utf-8"])
    }

    @Test("§7: extracttext takes the text of the part at hand, cut and modified; of no text, nothing")
    func extract() throws {
        let script =
            head + """
                foreverypart {
                    if header :mime :subtype "content-type" "plain" {
                        extracttext :upper :first 11 "a"; extracttext :length "b";
                    }
                    if header :mime :type "content-type" "application" { extracttext "c"; }
                }
                fileinto "${a}|${b}|${c}";
                """
        #expect(try trial.actions(script) == ["fileinto HELLO PLAIN|17|"])
    }

    @Test(
        "what stands in no loop, in too many, or without :mime is a mistake",
        arguments: [
            #"break;"#, #"extracttext "a";"#, #"if header :anychild "a" "b" { keep; }"#,
            #"if header :param "a" "b" "c" { keep; }"#, #"foreverypart { break :name "x"; }"#,
            "foreverypart { foreverypart { foreverypart { foreverypart { foreverypart { keep; } } } } }",
            "foreverypart;",
        ])
    func mistakes(script: String) {
        #expect(Compiling.complaints(head + script).count == 1)
    }

    @Test("§4.2: of a disposition the subtype is the empty string")
    func dispositionSubtype() throws {
        var trial = Trial()
        trial.message = "From: ann@example.org\nContent-Disposition: inline; filename=a.txt\n\ntext\n"
        #expect(
            try trial.actions(
                #"require "mime"; if header :mime :subtype "content-disposition" "" { discard; }"#) == [
                    "discard"
                ])
    }

    @Test("§7: of HTML the text is extracted; without loops there is nothing to extract from")
    func html() throws {
        var trial = Trial()
        trial.message = "From: ann@example.org\nContent-Type: text/html\n\n<b>bold</b> word\n"
        #expect(
            try trial.actions(head + #"foreverypart { extracttext :first 9 "a"; fileinto "${a}"; }"#)
                == ["fileinto bold word"])
        #expect(Compiling.complaints(#"require ["extracttext", "variables"]; keep;"#).count == 1)
    }

    @Test("§3: loops of included scripts count with those around them")
    func includedLoops() throws {
        var trial = Trial()
        trial.limits.partLoopsMax = 1
        let loop = "require [\"foreverypart\", \"include\"]; foreverypart { keep; }"
        trial.library = ScriptLibrary(personal: ["inner": Array(loop.utf8)])
        let outcome = try trial.outcome(
            "require [\"foreverypart\", \"include\"]; foreverypart { include \"inner\"; }")
        #expect(outcome.error?.contains("run inside one another") == true)
    }

    @Test("§5: a part gives way to a text; everything else stays octet for octet")
    func replace() throws {
        let script = """
            require ["mime", "foreverypart", "replace"];
            foreverypart {
                if header :mime :anychild :param "filename" :matches "content-disposition" "*.exe" {
                    if not header :mime :type "content-type" "multipart" { replace "Taken out."; }
                }
            }
            """
        let edited = try #require(try trial.edited(script))
        let (before, after) = (trial.message, edited)
        let cut = try #require(before.range(of: "Content-Type: application"))
        #expect(after.hasPrefix(before[..<cut.lowerBound]))
        #expect(after.hasSuffix("--outer--") && !after.contains("MZ"))
        let tree = Message(parsing: MessageBytes(Trial.wire(after))).parts()
        #expect(tree.leaves.map(\.type) == ["text/plain", "text/html", "text/plain"])
        // It had none before either.
        #expect(tree.defects == [.missingDate])
    }

    @Test("§5: outside of loops the whole content does, and :subject and :from are the message's")
    func replaceAll() throws {
        let edited = try #require(
            try trial.edited(
                #"require "replace"; replace :subject "Grüße" :from "guard@example.org" "Ärger";"#))
        let message = Message(parsing: MessageBytes(Trial.wire(edited)))
        let root = message.parts().root
        #expect(root.type == "text/plain" && root.text(in: message.bytes) == "Ärger")
        #expect(message.header.fields(named: "subject").count == 1)
        #expect(message.header.fields(named: "content-type").count == 1)
        #expect(edited.contains("From: guard@example.org\n") && edited.contains("To: bob@example.org\n"))
    }

    @Test("§6: the whole message becomes an attachment behind a text")
    func enclose() throws {
        let edited = try #require(
            try trial.edited(
                #"require "enclose"; enclose :subject "Careful" :headers "X-None" "It holds a program.";"#))
        let message = Message(parsing: MessageBytes(Trial.wire(edited)))
        let tree = message.parts()
        #expect(tree.root.children.map(\.type) == ["text/plain", "message/rfc822"])
        #expect(tree.root.children[0].text(in: message.bytes) == "It holds a program.")
        let inner = tree.root.children[1].children[0]
        #expect(inner.children.map(\.type) == ["multipart/alternative", "application/x-msdownload"])
        #expect(
            message.header.fields.map(\.name) == ["From", "To", "Subject", "MIME-Version", "Content-Type"])
        #expect(edited.contains(trial.message))
    }
}
