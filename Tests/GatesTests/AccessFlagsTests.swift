// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import Testing

@testable import Gates

@Suite("2.3 Flags of the sender's and the recipient's tables")
struct AccessFlagsTests {
    private func sender(
        _ template: String, databases: [String: String] = [:], world: World = World()
    ) throws -> Driven<Decision> {
        let ruleset = try Rules.make("FROM_ACCESS\n\n  *  \(template)\n", databases: databases)
        return drive(
            SenderGate(ruleset: ruleset, session: Rules.session(), sender: Rules.sender()), in: world)
    }

    private func recipient(_ template: String, table: String = "ORIG_MAIL_ACCESS") throws -> Driven<Decision>
    {
        let ruleset = try Rules.make("\(table)\n\n  *  \(template)\n")
        return drive(
            RecipientGate(
                ruleset: ruleset, session: Rules.session(), sender: Rules.sender(),
                recipient: Rules.mailbox("bob@example.test")))
    }

    private func marks(_ template: String) throws -> Marks? { try sender(template).outcome.marks }

    // MARK: Order of arguments

    @Test("arguments are read in the table's order whatever the order of the flags")
    func order() throws {
        for template in ["$N$D30|no", "30|$N$Dno", "30|no$D$N"] {
            let outcome = try sender(template).outcome
            #expect(outcome.rejection == Reply(550, "5.7.1", "no: alice@sender.example"), "\(template)")
            #expect(outcome.consequences.transactionDelay == 30, "\(template)")
        }
    }

    @Test("every flag of FROM_ACCESS at once, each with its own argument")
    func everything() throws {
        let template =
            "$Y$H$!$U3|$Jbounce@example.test|$Kann@example.test|$<seen|$>gone|$D-50|$T[list]|"
            + "$AX-Note:$ yes|$Gone,two|$Mcopy@example.test|$S10,20,30|$X5.7.9|$,+2.5"
        let judged = try sender(template)
        var expected = Marks(holdReason: "FROM_ACCESS mappings:3 set $H")
        expected.suppressesVacation = true
        expected.sender = "bounce@example.test"
        expected.senderField = "ann@example.test"
        expected.subjectTag = "[list]"
        expected.headerLines = ["X-Note: yes"]
        expected.conversionTags = ["one", "two"]
        expected.captures = [Rules.mailbox("copy@example.test")]
        expected.limits = .init(messageOctetsMax: 10_240, recipientsMax: 20, recipientsCutoff: 30)
        expected.spamAdjustments = ["+2.5"]
        expected.consequences.debugLevel = 3
        expected.consequences.notices = ["seen"]
        expected.consequences.replyDelay = 50
        #expect(judged.outcome == .admit(expected))
        #expect(judged.trail.entries.count == 1)
    }

    @Test("a recipient's table knows no $J, $K, $S and $!, and reads the others in the same order")
    func recipients() throws {
        let judged = try recipient("$Y$<seen|$D200|$T[x]|$AX-A:$ b|$Gt|$Mc@example.test|$,1")
        let marks = try #require(judged.outcome.marks)
        #expect(marks.consequences.notices == ["seen"])
        #expect(marks.consequences.transactionDelay == 200)
        #expect(marks.subjectTag == "[x]")
        #expect(marks.headerLines == ["X-A: b"])
        #expect(marks.conversionTags == ["t"])
        #expect(marks.captures == [Rules.mailbox("c@example.test")])
        #expect(marks.spamAdjustments == ["1"])
        #expect(AccessTable.mailAccess.knownFlags.isDisjoint(with: ["J", "K", "S", "!"]))
    }

    // MARK: One flag each

    @Test(
        "$B, $V and $Z say what becomes of the message, the strongest counts",
        arguments: [
            ("$B", Marks.Disposal.bitbucket), ("$V", .discard), ("$Z", .jettison), ("$V$B", .bitbucket),
            ("$V$B$Z", .jettison),
        ])
    func disposal(template: String, disposal: Marks.Disposal) throws {
        let marks = try marks(template)
        #expect(marks?.disposal == disposal)
        #expect(marks?.disposalRule == "mappings:3")
    }

    @Test("$D delays all replies if positive, this one if negative, and never beyond the limit")
    func delays() throws {
        #expect(try marks("$Y$D500")?.consequences.transactionDelay == 500)
        #expect(try marks("$Y$D500")?.consequences.replyDelay == nil)
        #expect(try marks("$Y$D-500")?.consequences.replyDelay == 500)
        #expect(try marks("$Y$D-9223372036854775808")?.consequences.replyDelay == Consequences.delayMax)
        #expect(try marks("$Y$D999999")?.consequences.transactionDelay == Consequences.delayMax)
        #expect(try marks("$Y$D0")?.consequences == Consequences())
    }

    @Test("$< is told whenever the probe matches, $> only when it is rejected")
    func notices() throws {
        #expect(try sender("$Y$<a|$>b").outcome.consequences.notices == ["a"])
        #expect(try sender("$N$<a|$>b|no").outcome.consequences.notices == ["a", "b"])
    }

    @Test("$/ ends the connection with the rejection, and does nothing to whom is admitted")
    func disconnects() throws {
        #expect(try sender("$/$Nno").outcome.consequences.disconnects)
        #expect(try !sender("$/$Y").outcome.consequences.disconnects)
    }

    @Test("$J with nothing, or <>, makes the sender the null reverse-path")
    func nullSender() throws {
        #expect(try marks("$Y$J")?.sender == nil)
        #expect(try marks("$Y$J<>")?.sender == "")
        #expect(try marks("$Y$J<a@b.test>")?.sender == "a@b.test")
    }

    @Test(
        "$S takes one to three numbers, each of which may be left out; a block is 1,024 octets",
        arguments: [
            ("5", 5_120, nil, nil), (",7", nil, 7, nil), ("1,,3", 1_024, nil, 3), ("0,0,0", 0, 0, 0),
        ] as [(String, Int?, Int?, Int?)])
    func limits(text: String, octets: Int?, recipients: Int?, cutoff: Int?) throws {
        #expect(
            try marks("$Y$S\(text)")?.limits
                == .init(
                    messageOctetsMax: octets, recipientsMax: recipients, recipientsCutoff: cutoff))
    }

    @Test(
        "$X with 4.y.z makes the refusal temporary: 452 where room is missing, 450 otherwise",
        arguments: [
            ("4.2.3", 450), ("4.7.1", 450), ("4.2.2", 452), ("4.3.1", 452), ("4.5.3", 452), ("5.2.2", 550),
        ])
    func codes(status: String, code: Int) throws {
        #expect(
            try sender("$X\(status)|$Nno").outcome.rejection
                == Reply(code, status, "no: alice@sender.example"))
    }

    @Test("ACCESS_ERRORS says what a rejection without a text says")
    func errors() throws {
        var policy = Rules.policy
        policy.access.errors = .generic
        let ruleset = try Rules.make("FROM_ACCESS\n\n  *  $N\n", policy: policy)
        let gate = SenderGate(ruleset: ruleset, session: Rules.session(), sender: Rules.sender())
        #expect(
            drive(gate).outcome.rejection == Reply(550, "5.1.0", "Invalid address: alice@sender.example"))
        #expect(
            try sender("$N").outcome.rejection == Reply(550, "5.7.1", "Access denied: alice@sender.example"))
    }

    // MARK: Groups

    private let groups = ["groups": "staff|alice@sender.example yes\n"]

    @Test("$I admits whom the database groups has as a member, and refuses everybody else")
    func membership() throws {
        #expect(try sender("$Y$Ialice@sender.example|staff", databases: groups).outcome.rejection == nil)
        let refused = try sender("$Y$Ialice@sender.example|board|Not$ yours", databases: groups)
        #expect(refused.outcome.rejection == Reply(550, "5.7.1", "Not yours: alice@sender.example"))
        #expect(refused.rules.last == "mappings:3")
    }

    @Test("without the database, or without both parts, nobody is a member")
    func noGroups() throws {
        #expect(try sender("$Y$Ialice@sender.example|staff").outcome.rejection == .policyFault)
        let half = try sender("$Y$Istaff", databases: groups)
        #expect(half.outcome.rejection?.code == 550)
        #expect(half.results.last == "$I \"staff\" is not user|group; nobody is a member")
    }

    @Test("a live database is asked, and one that can't be read puts the client off")
    func liveGroups() throws {
        let (tables, _) = TableSet.parse(
            main: "mappings",
            sources: ["mappings": Array("FROM_ACCESS\n\n  *  $Y$Iann|staff\n".utf8)])
        let ruleset = Ruleset(
            hash: "0", tables: tables, scripts: ScriptSet(), policy: Rules.policy,
            databases: ["groups": .live])
        let gate = SenderGate(ruleset: ruleset, session: Rules.session(), sender: Rules.sender())
        let question = Question.database(DatabaseQuestion(database: "groups", key: "staff|ann"))
        var world = World()
        world.others[question] = .database(.value(""))
        let member = drive(gate, in: world)
        #expect(member.rounds == [[question]])
        #expect(member.outcome.rejection == nil)
        world.others[question] = .database(.none)
        #expect(drive(gate, in: world).outcome.rejection?.isPermanent == true)
        world.others[question] = .database(.failed("gone"))
        #expect(drive(gate, in: world).outcome.rejection == .policyFault)
        #expect(drive(gate).outcome.rejection == .policyFault)
    }

    // MARK: Arguments that make no sense

    @Test(
        "an argument that makes no sense is passed over, and the trail says so",
        arguments: [
            "$Jno$ address", "$Ja@b@", "$J<a@b.test", "$Ja\u{22}b@c.test", "$Ja@b_c.test>", "$K", "$Kx",
            "$Dsoon", "$D", "$Ux", "$U-1", "$Ano$ colon", "$A:$ empty", "$AX$ Y:$ z", "$Ga$ b", "$G", "$Mx",
            "$S1,2,3,4", "$S-1", "$Sx", "$,much", "$,1.2.3", "$,",
        ])
    func nonsense(template: String) throws {
        let judged = try sender("$Y\(template)")
        #expect(judged.outcome == .admit(Marks()))
        #expect(judged.results.last?.contains("passed over") == true, "\(judged.results)")
    }

    @Test("a status that is none is passed over too")
    func badStatus() throws {
        let judged = try sender("$X2.0.0|$Nno")
        #expect(judged.outcome.rejection == Reply(550, "5.7.1", "no: alice@sender.example"))
        #expect(judged.results.last == "$X \"2.0.0\" is no 4.y.z or 5.y.z; 5.7.1 stands")
        #expect(judged.rules.last == "mappings:3")
    }
}
