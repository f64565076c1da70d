// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Directory look-ups in templates")
struct DirectoryTemplateTests {
    private static let mail = "*  $C$]ldap:///ou=people,dc=example?mail?sub?(uid=$0)[$Y$E"

    private static func question(_ entry: String, probe: String) -> DirectoryQuestion? {
        let parsed = table(entry)
        #expect(parsed.complaints == [])
        guard case .directory(let asked)? = run(parsed.tables, "T", probe).questions.first else {
            return nil
        }
        return asked
    }

    private static func entries(_ values: [String], name: String = "uid=ann,dc=example") -> Answer {
        .directory(
            .entries([
                DirectoryEntry(name: name, attributes: [.init(name: "Mail", values: values)])
            ]))
    }

    @Test("the URL's parts become a search: base, attributes, scope, filter, and default for no host")
    func parts() {
        #expect(
            Self.question(Self.mail, probe: "ann")
                == DirectoryQuestion(
                    directory: "default", base: "ou=people,dc=example", scope: .sub, filter: "(uid=ann)",
                    attributes: ["mail"]))
        #expect(
            Self.question("*  $]LDAP://Dir.Example:1389/dc=x?cn,mail[", probe: "ann")
                == DirectoryQuestion(
                    directory: "dir.example:1389", base: "dc=x", scope: .base, filter: "(objectClass=*)",
                    attributes: ["cn", "mail"]))
        #expect(
            Self.question("*  $]ldaps:///dc=a%20b%3Fc?dn?one?uid=$0[", probe: "ann")
                == DirectoryQuestion(
                    directory: "default", base: "dc=a b?c", scope: .one, filter: "(uid=ann)",
                    attributes: ["1.1"]))
    }

    @Test(
        "a field in the filter is quoted, with $= or without, and never twice",
        arguments: ["(uid=$0)", "(uid=$=$0$_)", "(&(a=b)(uid=$0))"])
    func filterQuoting(filter: String) throws {
        let hostile = #"a*)(uid=*\ü%2a"# + "\0"
        let asked = try #require(Self.question("*  $]ldap:///?mail?sub?\(filter)[", probe: hostile))
        let quoted = #"a\2a\29\28uid=\2a\5cü%2a\00"#
        #expect(
            asked.filter
                == filter.replacing("$=", with: "").replacing("$_", with: "").replacing("$0", with: quoted))
    }

    @Test("a field in the base is quoted as part of a name")
    func nameQuoting() {
        #expect(
            Self.question("*  $]ldap:///uid=$0,dc=x?mail[", probe: " a,b=c+\"d\\;<e># ")?.base
                == #"uid=\20a\2cb\3dc\2b\22d\5c\3b\3ce\3e#\20,dc=x"#)
        #expect(Self.question("*  $]ldap:///uid=$0,dc=x?mail[", probe: "#1")?.base == #"uid=\231,dc=x"#)
    }

    @Test("a question mark or bracket in a field adds no part to the URL")
    func hostileParts() {
        let asked = Self.question("*  $]ldap:///uid=$0,dc=x?mail??(a=$0)[$N", probe: "x?cn?sub?(b=*)[$Y")
        #expect(asked?.attributes == ["mail"] && asked?.scope == .base)
        #expect(asked?.filter == #"(a=x?cn?sub?\28b=\2a\29[$Y)"#)
    }

    @Test("modes of case reach into the URL and end with it")
    func modes() {
        let asked = Self.question("*  $]ldap:///?mail$\\?sub?(uid=$0)[$0", probe: "ANN")
        #expect(asked?.filter == "(uid=ann)")
    }

    @Test("the first entry's first wanted value is the result, and nothing in it has a meaning")
    func result() {
        let set = table(Self.mail, "*  $Nnone").tables
        let found = run(set, "T", "ann", answers: ["(uid=ann)": Self.entries(["$Na$0|b\r\n", "second"])])
        #expect(found.outcome.output == "$Na$0_b__")
        #expect(found.outcome.flags == ["Y"])
        let dn = table("*  $]ldap:///?x,dn??(a=b)[").tables
        #expect(
            run(dn, "T", "", answers: ["(a=b)": Self.entries(["v"])]).outcome.output == "uid=ann,dc=example")
    }

    @Test(
        "no entry, no value, or a refused search makes the entry fail",
        arguments: [
            .directory(.none), .directory(.refused("no such base")), .callout("x"),
            .directory(.entries([DirectoryEntry(name: "x", attributes: [])])), .directory(.entries([])),
        ] as [Answer])
    func fails(_ answer: Answer) {
        let set = table("*  $.$Ylater.$]ldap:///?mail?sub?(uid=$0)[", "*  never").tables
        let outcome = run(set, "T", "ann", answers: ["(uid=ann)": answer]).outcome
        #expect(!outcome.matched)
        let wentOn = table(Self.mail, "*  $Nnone").tables
        #expect(run(wentOn, "T", "ann", answers: ["(uid=ann)": answer]).outcome.output == "none")
    }

    @Test(
        "$.text. takes the template's place when the directory is out of reach, and ends the scan",
        arguments: [.directory(.unreachable("no answer in 2000 ms")), .unavailable("gone")] as [Answer])
    func fallback(_ answer: Answer) {
        let set = table(
            "*  $Y$Cabc$.$X4$.4$.3|$NTry$ $0$ later.$]ldap:///?mail?sub?(uid=$0)[", "*  never"
        ).tables
        let outcome = run(set, "T", "ann", answers: ["(uid=ann)": answer]).outcome
        #expect(outcome.matched && outcome.output == "4.4.3|Try ann later")
        #expect(outcome.flags == ["N", "X"])
        #expect(outcome.troubles.first?.hasPrefix("directory default: ") == true)
    }

    @Test("$.. forgets the text; without one, a directory out of reach makes the entry fail")
    func noFallback() {
        for entry in ["*  $C$.$Ylater.$..$]ldap:///?mail?sub?(uid=$0)[$E", Self.mail] {
            let set = table(entry, "*  $Nnone").tables
            let outcome = run(
                set, "T", "ann", answers: ["(uid=ann)": .directory(.unreachable("all servers are gone"))]
            ).outcome
            #expect(outcome.output == "none")
            #expect(outcome.troubles == ["directory default: all servers are gone"])
        }
    }

    @Test("$.text. may say how the scan goes on")
    func fallbackControl() {
        let set = table("*  $.$C[$0].$]ldap:///?mail?sub?(uid=$0)[", "*  <$0>").tables
        let answers: [String: Answer] = ["(uid=ann)": .directory(.unreachable("gone"))]
        #expect(run(set, "T", "ann", answers: answers).outcome.output == "<[ann]>")
    }

    @Test("the host picks the directory among those that there are, by server, by name, or by port 389")
    func directories() {
        let known = [
            "default": "default", "dir.example": "corp", "other.example:1389": "other", "corp": "corp",
        ]
        for (url, name) in [
            ("ldap:///", "default"), ("ldap://dir.example/", "corp"), ("ldap://dir.example:389/", "corp"),
            ("ldap://OTHER.example:1389/", "other"), ("ldap://corp/", "corp"),
        ] {
            let parsed = table("*  $]\(url)?mail[", directories: known)
            #expect(parsed.complaints == [])
            guard case .directory(let asked)? = run(parsed.tables, "T", "x").questions.first else {
                Issue.record("nothing was asked")
                continue
            }
            #expect(asked.directory == name)
        }
        #expect(
            table("*  $]ldap://nobody.example/?mail[", directories: known).complaints.map(\.message)
                == ["no directory has the server nobody.example"])
        #expect(
            table("*  $]ldap:///?mail[", directories: [:]).complaints.map(\.message)
                == ["there is no directory named default"])
    }

    @Test(
        "what is wrong with a URL is said, with its place",
        arguments: [
            ("http:///?mail", "the LDAP URL does not begin with ldap:// or ldaps://"),
            ("$0", "the LDAP URL names no scheme"),
            ("ldap://$0/?mail", "a field or mode stands in the host of the LDAP URL"),
            ("ldap:///dc=x", "the LDAP URL does not say which attribute is wanted"),
            ("ldap:///dc=x?ma$$il", "\"ma$il\" is no name of an attribute"),
            ("ldap:///dc=x?$0", "a field stands in the attributes of the LDAP URL"),
            ("ldap:///dc=x?mail?all", "\"all\" is no scope of an LDAP URL"),
            ("ldap:///dc=x?mail?$0", "a field stands in the scope of the LDAP URL"),
            ("ldap:///?mail?sub?(uid=$0", "the parentheses of the filter do not match"),
            ("ldap:///?mail?sub?(a=b)(c=d)", "the parentheses of the filter do not match"),
            ("ldap:///?mail?sub?nonsense", "the parentheses of the filter do not match"),
            ("ldap:///?mail?sub?(a=b)?!x", "the LDAP URL has an extension that must be understood"),
            ("ldap:///?mail?sub?(a=b)?x?y", "the LDAP URL has more than five parts"),
            ("ldap:///a%2?mail", "a % in the LDAP URL has no two hexadecimal digits after it"),
            ("ldap:///a%ff?mail", "what the LDAP URL encodes is not UTF-8"),
        ])
    func mistakes(url: String, message: String) throws {
        let complaint = try #require(table("*  $]\(url)[").complaints.first)
        #expect(complaint.message == message)
        #expect(complaint.column == 6 && complaint.length == url.utf8.count + 3)
        #expect(!complaint.help.isEmpty)
    }

    @Test("$}domain,attribute{ asks for the domain's entry and gives the attribute's first value")
    func domain() {
        let entry = "*  $C$}$0,mailDomainStatus{$E"
        let parsed = table(entry, "*  none")
        #expect(parsed.complaints == [])
        let filter = #"(|(sunPreferredDomain=a\2ab)(associatedDomain=a\2ab))"#
        let answer = Answer.directory(
            .entries([
                DirectoryEntry(
                    name: "o=x", attributes: [.init(name: "maildomainstatus", values: ["active"])])
            ]))
        let (outcome, _, questions) = run(parsed.tables, "T", "a*b", answers: [filter: answer])
        #expect(
            questions == [
                .directory(
                    DirectoryQuestion(
                        directory: "default", base: "", scope: .sub, filter: filter,
                        attributes: ["mailDomainStatus"]))
            ])
        #expect(outcome.output == "active")
        #expect(run(parsed.tables, "T", "").questions == [], "an empty domain is not asked for")
    }

    @Test(
        "a domain's pseudo attributes are the entry's name, its users' base and its names",
        arguments: [
            ("_domain_dn_", "o=x,dc=y"), ("_base_dn_", "ou=people,o=x"), ("_domain_name_", "x.example"),
            ("_canonical_name_", "x.example"),
        ])
    func pseudoAttributes(name: String, value: String) {
        let answer = Answer.directory(
            .entries([
                DirectoryEntry(
                    name: "o=x,dc=y",
                    attributes: [
                        .init(name: "inetDomainBaseDN", values: ["ou=people,o=x"]),
                        .init(name: "associatedDomain", values: ["x.example", "alias.example"]),
                    ])
            ]))
        let set = table("*  $}$0,\(name){").tables
        let filter = "(|(sunPreferredDomain=x.example)(associatedDomain=x.example))"
        #expect(run(set, "T", "x.example", answers: [filter: answer]).outcome.output == value)
        #expect(
            table("*  $}$0,_other_{").complaints.first?.message == "\"_other_\" is no attribute of a domain")
        #expect(
            table("*  $}$0{").complaints.first?.message
                == "the look-up does not name domain and attribute")
    }
}
