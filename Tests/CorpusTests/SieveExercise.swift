// SPDX-License-Identifier: MIT

import Mail
import SieveLanguage

/// Compiles octets as a Sieve script and runs it on a fixed message. Traps where something doesn't hold.
enum SieveExercise {
    /// The octets are the script.
    static func script(_ octets: [UInt8]) {
        let (script, complaints) = Script.compile(
            name: "fuzz.sieve", source: octets, limits: limits, library: library)
        precondition(
            (script == nil) == complaints.contains { $0.severity == .error }, "no script and no reason")
        precondition(
            complaints.allSatisfy { $0.line >= 1 && !$0.message.isEmpty }, "a complaint without a place")
        guard let script else { return }
        run(script)
    }

    /// Each octet picks a word of the language, so that most of what comes out is a script, nearly.
    static func grammar(_ octets: [UInt8]) {
        var text = "require [" + capabilities.map { "\"\($0)\"" }.joined(separator: ",") + "];\n"
        for octet in octets.prefix(2_000) { text += words[Int(octet) % words.count] + " " }
        script(Array(text.utf8))
    }

    private static func run(_ script: Script) {
        var subject = SieveSubject(
            message: message, sender: Address("sender@example.com"),
            recipient: Address("me+detail@example.org"),
            originalRecipient: Address("me@example.org"))
        subject.environment = ["name": "postern", "location": "MTA", "phase": "pre"]
        var evaluation = ScriptEvaluation(script: script, subject: subject, limits: limits)
        var answers: [Answer] = []
        for _ in 0..<roundsMax {
            switch evaluation.next(answers) {
            case .done(let outcome, let trail):
                precondition(
                    outcome.error == nil || outcome.implicitKeep && outcome.actions.isEmpty,
                    "a script that failed did something")
                precondition(!trail.entries.isEmpty || !outcome.implicitKeep, "a decision without a trail")
                if let edition = outcome.edition { _ = edition.bytes(of: message.bytes) }
                return
            case .ask(let questions):
                precondition(!questions.isEmpty, "asked nothing")
                answers = questions.map { _ in .unavailable("nobody knows") }
            }
        }
        preconditionFailure("the script never came to an end")
    }

    /// More rounds than any script may ask.
    private static let roundsMax = 1_000

    private static let limits = SieveLimits()

    private static let library = ScriptLibrary(
        personal: [
            "mine": Array("keep;".utf8), "loop": Array("require \"include\"; include \"loop\";".utf8),
        ],
        global: ["ours": Array("require \"variables\"; set \"a\" \"b\";".utf8)])

    private static let message = Message(
        parsing: MessageBytes(
            Array(
                """
                Received: from mx.example.net by gateway.example.org; Mon, 2 Nov 2026 10:00:00 +0000
                From: =?UTF-8?Q?J=C3=B6rg?= <joerg@example.net>
                To: "Doe, Jane" <jane+list@example.org>, friends: a@example.org;
                Subject: [list] =?ISO-8859-1?Q?Gr=FC=DFe?= 10 > 9
                Date: Mon, 2 Nov 2026 09:59:58 +0000
                Message-ID: <1@example.net>
                X-Spam: ***** 5.5 / 10
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=b

                --b
                Content-Type: text/plain; charset=iso-8859-1
                Content-Transfer-Encoding: quoted-printable

                Gr=FC=DFe
                --b
                Content-Type: application/x-msdownload; name=a.exe
                Content-Disposition: attachment; filename=a.exe
                Content-Transfer-Encoding: base64

                TVqQAAMAAAAEAAAA
                --b--

                """.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] })))

    private static let capabilities = [
        "body", "copy", "date", "duplicate", "editheader", "encoded-character", "enclose", "enotify",
        "envelope",
        "environment", "ereject", "extracttext", "fileinto", "foreverypart", "ihave", "imap4flags", "include",
        "index", "mailbox", "mime", "regex", "reject", "relational", "replace", "spamtest", "subaddress",
        "vacation",
        "vacation-seconds", "variables", "virustest", "comparator-i;ascii-numeric",
        "comparator-i;unicode-casemap",
    ]

    private static let words: [String] =
        """
        ; { } ( ) [ ] , if elsif else not anyof allof true false stop keep discard require
        fileinto redirect reject ereject vacation notify addheader deleteheader set setflag addflag removeflag
        header address envelope exists size body date currentdate string environment duplicate hasflag ihave
        mailboxexists spamtest virustest valid_notify_method foreverypart break replace enclose extracttext
        include return global
        :is :contains :matches :regex :count :value :comparator :all :localpart :domain :user :detail :over :under
        :copy :create :flags :raw :content :text :mime :anychild :type :subtype :contenttype :param :index :last
        :zone :originalzone :lower :upper :lowerfirst :upperfirst :quotewildcard :quoteregex :length :first :name
        :days :seconds :subject :from :addresses :handle :uniqueid :header :personal :global :once :optional
        "subject" "from" "to" "date" "received" "*" "?*" "*?*" "[" "(a*)*b" "\\*" "${1}" "${a}" "${hex:41}" "a" "b" ""
        "i;octet" "i;ascii-casemap" "i;ascii-numeric" "i;unicode-casemap" "eq" "gt" "lt" "ne" "year" "weekday" "iso8601"
        "+0100" "me@example.org" "a@b" "mailto:a@example.org" "INBOX" "text/plain" "exe" "filename" "content-type"
        "mine" "ours" "loop" "x-spam" "5" "10" "grüße" 0 1 2 10K 99999999 1G
        ["subject","from"] ["a","b"] [] header :is "subject" "a" keep; discard; stop; { keep; }
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
}
