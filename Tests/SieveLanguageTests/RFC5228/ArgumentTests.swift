// SPDX-License-Identifier: MIT

import Testing

@Suite("RFC 5228 §2.6: arguments")
struct ArgumentTests {
    @Test("tags may stand in any order before the positional arguments")
    func order() throws {
        for test in [
            "address :is :domain :comparator \"i;octet\" \"from\" \"desert.example.org\"",
            "address :comparator \"i;octet\" :domain :is \"from\" \"desert.example.org\"",
            "ADDRESS :Domain \"FROM\" \"desert.example.org\"",
        ] {
            #expect(try Trial().holds(test))
        }
    }

    @Test("a tag behind a positional argument is an error")
    func tagBehind() {
        #expect(
            Compiling.places("if header \"Subject\" :is \"x\" { stop; }") == [
                "1:21: in the header test, \":is\" stands behind a positional argument"
            ])
    }

    @Test("a tag given twice, or two that exclude each other, are errors")
    func conflicting() {
        #expect(
            Compiling.places("if header :is :is \"Subject\" \"x\" { stop; }") == [
                "1:15: \":is\" is given twice for the header test"
            ])
        #expect(
            Compiling.places("if address :is :contains :all :domain \"from\" \"x\" { stop; }") == [
                "1:16: \":is\" and \":contains\" exclude each other in the address test",
                "1:31: \":all\" and \":domain\" exclude each other in the address test",
            ])
    }

    @Test("a single string is a list of one, and a list where one string is wanted is an error")
    func lists() throws {
        #expect(try Trial().holds("exists \"From\""))
        #expect(try Trial().holds("exists [\"From\"]"))
        #expect(
            Compiling.places("redirect [\"a@example.org\"];") == [
                "1:10: the redirect command expects a string as argument 1 (address), "
                    + "but a string list was found"
            ])
    }

    @Test("all positional arguments must be there, and no more")
    func count() {
        #expect(
            Compiling.places("if header \"Subject\" { stop; }") == [
                "1:4: the header test needs a string list (key list), which is missing"
            ])
        #expect(
            Compiling.places("if header \"Subject\" \"a\" \"b\" { stop; }") == [
                "1:25: the header test takes 2 positional arguments, but 3 stand here"
            ])
        #expect(
            Compiling.places("keep \"x\";") == ["1:6: the keep command takes no arguments, but 1 stand here"])
    }
}
