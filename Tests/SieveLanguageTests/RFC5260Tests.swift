// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("RFC 5260: date, RFC 5183: environment, RFC 5463: ihave")
struct RFC5260Tests {
    private let trial = Trial(
        message: """
            Received: from a by b; Wed, 3 Mar 2004 20:31:07 -0800
            Date: Tue, 1 Apr 1997 (a comment) 09:06:31 -0800 (PST)
            Broken: Tue, 31 Feb 1997 09:06:31 -0800
            Old: 1 Jan 69 12:00 EST

            text
            """)

    private func holds(_ test: String, _ trial: Trial) throws -> Bool {
        try trial.actions(
            "require [\"date\", \"relational\", \"index\", \"environment\", \"variables\"];\n"
                + "if \(test) { discard; }") == ["discard"]
    }

    @Test(
        "§4.2: every part of a date, in its own zone",
        arguments: [
            ("year", "1997"), ("month", "04"), ("day", "01"), ("date", "1997-04-01"), ("julian", "50539"),
            ("hour", "09"), ("minute", "06"), ("second", "31"), ("time", "09:06:31"),
            ("iso8601", "1997-04-01T09:06:31-08:00"), ("std11", "Tue, 1 Apr 1997 09:06:31 -0800"),
            ("zone", "-0800"), ("weekday", "2"),
        ])
    func parts(part: String, value: String) throws {
        #expect(try holds("date :originalzone \"date\" \"\(part)\" \"\(value)\"", trial))
    }

    @Test("§4.1: a zone moves the clock, the date with it")
    func zones() throws {
        #expect(try holds(#"date :zone "+0900" "date" "iso8601" "1997-04-02T02:06:31+09:00""#, trial))
        #expect(try holds(#"date "date" "hour" "17""#, trial))
        #expect(try holds(#"date :originalzone "old" "iso8601" "1969-01-01T12:00:00-05:00""#, trial))
    }

    @Test("a date behind the last semicolon counts; one that no calendar has is as if it weren't there")
    func fields() throws {
        #expect(try holds(#"date :originalzone "received" "date" "2004-03-03""#, trial))
        #expect(try !holds(#"date :matches "broken" "date" "*""#, trial))
    }

    @Test("§5: currentdate asks for the time once, and reads it in UTC or the zone given")
    func now() throws {
        var trial = trial
        trial.answers[.time] = .time(1_792_976_000)
        #expect(try holds(#"currentdate :value "ge" "date" "2026-10-26""#, trial))
        #expect(
            try holds(#"allof (currentdate "time" "00:53:20", currentdate :zone "-0100" "hour" "23")"#, trial)
        )
    }

    @Test(
        "a zone or a part that there isn't is a mistake",
        arguments: [
            #"date :zone "CET" "date" "hour" "1""#, #"date "date" "century" "20""#,
            #"date :zone "+0100" :originalzone "date" "hour" "1""#,
        ])
    func mistakes(test: String) {
        #expect(Compiling.complaints("require \"date\"; if \(test) { keep; }").count == 1)
    }

    @Test("every day of four centuries goes to seconds and back")
    func calendar() throws {
        var weekday = 1
        var epoch: Int64 =
            CivilTime(
                year: 1900, month: 1, day: 1, hour: 0, minute: 0, second: 0, offsetMinutes: 0)?.epoch ?? 0
        for _ in 0..<146_097 {
            let time = CivilTime(epoch: epoch)
            #expect(time.weekday == weekday)
            let again = CivilTime(
                year: time.year, month: time.month, day: time.day, hour: 0, minute: 0, second: 0,
                offsetMinutes: 0)
            guard again?.epoch == epoch else {
                Issue.record("\(time)")
                return
            }
            weekday = (weekday + 1) % 7
            epoch += 86_400
        }
    }

    @Test("RFC 5183 §4: an item is compared; one that isn't known matches nothing")
    func environment() throws {
        var trial = trial
        trial.environment = ["location": "MTA"]
        #expect(try holds(#"environment "Location" "mta""#, trial))
        #expect(try !holds(#"environment :matches "nothing" "*""#, trial))
    }

    @Test("RFC 5463 §4: behind a false ihave nothing has to be understood; behind a true one it is required")
    func ihave() throws {
        let script = """
            require ["ihave", "fileinto"];
            if ihave "vnd.example.unheard" { unheard :of "x"; fileinto "a"; }
            elsif allof (ihave ["copy", "body"], not ihave "x") { fileinto :copy "b"; }
            if anyof (allof (ihave "x", unheard "of"), ihave "copy") { keep; }
            """
        #expect(try trial.actions(script) == ["fileinto :copy b", "keep"])
        #expect(!Compiling.complaints("require \"ihave\"; if not ihave \"x\" { unheard; }").isEmpty)
        // What changes how strings are read can't come later.
        #expect(
            try trial.actions(
                "require \"ihave\"; if anyof (ihave \"variables\", ihave \"encoded-character\") { discard; }")
                == ["implicit keep"])
    }

    @Test("RFC 5463 §5: error ends the script with its own words, and the message is kept")
    func error() throws {
        let outcome = try trial.outcome(#"require "ihave"; discard; error "no spam test here";"#)
        #expect(outcome.error == "test.sieve:1: the script says: no spam test here")
        #expect(outcome.actions.isEmpty && outcome.implicitKeep)
    }
}
