// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("RFC 5230: vacation, RFC 6131: vacation-seconds")
struct RFC5230Tests {
    private func trial(_ fields: String = "", to: String = "me@example.org") -> Trial {
        var trial = Trial(
            message: "From: sender@example.com\nTo: \(to)\nSubject: hello\n\(fields)\ntext\n")
        trial.isForgetful = true
        return trial
    }

    private let head = "require [\"vacation\", \"vacation-seconds\", \"reject\", \"variables\"];\n"

    private func reply(_ script: String, _ trial: Trial) throws -> SieveAction.VacationReply? {
        for action in try trial.outcome(head + script).actions {
            if case .vacation(let reply) = action.kind { return reply }
        }
        return nil
    }

    @Test("§4: the sender is answered, the message kept, and that he was answered is to be remembered")
    func answer() throws {
        let outcome = try trial().outcome(head + #"vacation :days 3 :subject "Away" :handle "h" "Gone.";"#)
        #expect(outcome.implicitKeep)
        #expect(
            outcome.actions.map(\.kind) == [
                .vacation(
                    .init(
                        reason: "Gone.", isMIME: false, subject: "Away", from: nil, seconds: 259_200, days: 3,
                        handle: "h", recipient: "sender@example.com", owner: "me@example.org"))
            ])
        guard case .remember(let question, let seconds)? = outcome.effects.first else {
            Issue.record("nothing is to be remembered")
            return
        }
        #expect(question.purpose == .vacation && question.owner == "me@example.org" && seconds == 259_200)
    }

    @Test("§4.2: who was answered lately isn't again; another text is another answer")
    func remembered() throws {
        var trial = trial()
        let outcome = try trial.outcome(head + #"vacation "Gone.";"#)
        guard case .remember(let question, _)? = outcome.effects.first else {
            Issue.record("nothing is to be remembered")
            return
        }
        trial.answers[.memory(question)] = .memory(expires: 2_000_000_000)
        #expect(try reply(#"vacation "Gone.";"#, trial) == nil)
        #expect(try reply(#"vacation "Gone again.";"#, trial) != nil)
        trial.isForgetful = false
        trial.answers = [:]
        #expect(try reply(#"vacation "Gone.";"#, trial) == nil, "without a memory nobody is answered twice")
    }

    @Test(
        "§4.1, RFC 6131: days and seconds keep to the least and the longest interval",
        arguments: [
            (":days 0", 86_400), (":days 30", 2_592_000), (":seconds 10", 86_400), ("", 604_800),
            (":days 9999", 7_776_000), (":days 9223372036854775807", 7_776_000),
            (":seconds 18446744073709551615", 7_776_000),
        ])
    func interval(tag: String, seconds: Int) throws {
        #expect(try reply("vacation \(tag) \"Gone.\";", trial())?.seconds == seconds)
    }

    @Test(
        "§4.5, §4.6: lists, machines, and mail that doesn't name the recipient get no answer",
        arguments: [
            "List-Id: <l.example.com>\n", "List-Unsubscribe: <mailto:x@example.com>\n",
            "Auto-Submitted: auto-generated\n", "Precedence: bulk\n",
        ])
    func unanswered(fields: String) throws {
        #expect(try reply(#"vacation "Gone.";"#, trial(fields)) == nil)
    }

    @Test("§4.5: the recipient is named by the envelope or by :addresses")
    func addresses() throws {
        #expect(try reply(#"vacation "Gone.";"#, trial(to: "other@example.org")) == nil)
        #expect(
            try reply(#"vacation :addresses "Other@example.org" "Gone.";"#, trial(to: "other@example.org"))
                != nil)
    }

    @Test(
        "no answer goes to nobody, to a daemon or to oneself",
        arguments: [
            nil, "MAILER-DAEMON@example.com", "owner-list@example.com", "list-request@example.com",
            "me@example.org",
        ])
    func senders(sender: String?) throws {
        var trial = trial()
        trial.sender = sender.flatMap { Address($0) }
        #expect(try reply(#"vacation "Gone.";"#, trial) == nil)
    }

    @Test("§4.7: twice, or beside a reject, it is a run-time error")
    func conflicts() throws {
        #expect(try trial().outcome(head + #"vacation "a"; vacation "b";"#).error != nil)
        #expect(try trial().outcome(head + #"reject "a"; vacation "b";"#).error != nil)
    }

    @Test(
        "what :from and :mime take is checked",
        arguments: [
            #"vacation :from "nobody" "a";"#, #"vacation :mime "just text";"#,
            "vacation :mime \"Subject: x\r\n\r\ntext\";", #"vacation :days 1 :seconds 1 "a";"#,
        ])
    func mistakes(script: String) { #expect(Compiling.complaints(head + script).count == 1) }
}

@Suite("RFC 5435, RFC 5436: enotify")
struct RFC5435Tests {
    private let head = "require [\"enotify\", \"variables\", \"relational\"];\n"

    @Test("a mailto: URI is a method; its parts are read")
    func method() throws {
        let uri =
            "mailto:ann@example.org,bob@example.org?subject=a%20b&body=c&cc=carl@example.org&X-A=d&from=x"
        guard case .success(let method) = MailtoMethod.read(Array(uri.utf8)) else {
            Issue.record("not read")
            return
        }
        #expect(
            method.recipients.map(\.description) == [
                "ann@example.org", "bob@example.org", "carl@example.org",
            ])
        #expect(method.subject == "a b" && method.body == "c")
        #expect(method.fields == [.init(name: "X-A", value: "d")])
    }

    @Test(
        "other methods and broken URIs are mistakes",
        arguments: [
            "xmpp:ann@example.org", "mailto:", "mailto:nobody", "mailto:ann@example.org?subject=%zz",
            "mailto:ann@example.org?subject",
        ])
    func broken(uri: String) throws {
        #expect(Compiling.complaints(head + "notify \"\(uri)\";").count == 1)
        #expect(
            try Trial().actions(head + "if not valid_notify_method \"\(uri)\" { discard; }") == ["discard"])
    }

    @Test("RFC 6068 §2: lists are read once their percent sequences are; what must be encoded has to be")
    func lists() throws {
        let uri =
            "mailto:a@example.org%2Cb@example.org?to=Ann%20%3Cc@example.org%3E&cc=a@example.org,d@example.org"
        let method = try MailtoMethod.read(Array(uri.utf8)).get()
        #expect(method.to.map(\.address.localPart) == ["a", "b", "c"])
        #expect(method.to.last?.display == "Ann")
        #expect(method.cc.map(\.address.localPart) == ["d"])
        for uri in [
            "mailto:a@example.org?b<=c", "mailto:a@example.org?b=c d", "mailto:a@example.org?to=b%23c",
        ] {
            #expect(Compiling.complaints(head + "notify \"\(uri)\";").count == 1)
        }
    }

    @Test("§3.5: options are names and values")
    func options() throws {
        for option in ["", "a", "_a=b", "=b", "a=b\r\nc"] {
            #expect(
                Compiling.complaints(head + "notify :options \"\(option)\" \"mailto:a@example.org\";").count
                    == 1)
        }
        #expect(
            Compiling.complaints(head + #"notify :options ["a.b-c_1=", "2=b"] "mailto:a@example.org";"#) == []
        )
    }

    @Test("§6: :encodeurl leaves the unreserved alone, comes before :length, and cuts between characters")
    func encodeurl() throws {
        var trial = Trial()
        let script =
            head + #"set :encodeurl "a" "a-Z_.~ /ü"; if string "${a}" "a-Z_.~%20%2F%C3%BC" { discard; }"#
        #expect(try trial.actions(script) == ["discard"])
        #expect(
            try trial.actions(head + #"set :length :encodeurl "a" " "; if string "${a}" "3" { discard; }"#)
                == ["discard"])
        trial.limits.variableValueOctetsMax = 8
        #expect(
            try trial.actions(head + #"set :encodeurl "a" " üb"; if string "${a}" "%20" { discard; }"#)
                == ["discard"])
        #expect(!Compiling.complaints(#"require "variables"; set :encodeurl "a" "b";"#).isEmpty)
    }

    @Test("§3: what is to be sent; the message is kept")
    func notify() throws {
        let script =
            head
            + #"notify :importance "1" :message "New: ${0}" :from "me@example.org" "mailto:a@example.org";"#
        let outcome = try Trial().outcome(script)
        #expect(outcome.implicitKeep)
        #expect(
            outcome.actions.map(\.kind) == [
                .notify(
                    .init(
                        method: "mailto:a@example.org", from: "me@example.org", importance: 1, options: [],
                        message: "New: "))
            ])
    }

    @Test("RFC 5436 §2.7.1: what a machine sent notifies nobody; too many are a run-time error")
    func limits() throws {
        let trial = Trial(message: "Auto-Submitted: auto-replied\n\ntext\n")
        #expect(try trial.actions(head + #"notify "mailto:a@example.org";"#) == ["implicit keep"])
        let many = (0..<11).map { "notify \"mailto:a\($0)@example.org\";" }.joined()
        #expect(try Trial().outcome(head + many).error != nil)
    }
}
