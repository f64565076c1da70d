// SPDX-License-Identifier: MIT

import Testing

@Suite("Private actions: hold and jettison")
struct GatewayActionTests {
    @Test(
        "they need our capability or each its own",
        arguments: ["\"vnd.postern.gateway\"", "[\"hold\", \"jettison\"]"])
    func capabilities(required: String) throws {
        #expect(try Trial().actions("require \(required); hold \"look at it\";") == ["hold look at it"])
        #expect(try Trial().actions("require \(required); jettison;") == ["jettison"])
    }

    @Test("the capability of one doesn't make the other known")
    func separate() {
        #expect(
            Compiling.places("require \"hold\"; jettison;") == [
                "1:17: the jettison command is used without require \"jettison\""
            ])
    }

    @Test("a hold without a reason says where it stands")
    func place() throws {
        #expect(try Trial().actions("require \"hold\";\n\nhold;") == ["hold held by test.sieve:3"])
    }

    @Test("a second hold changes nothing; hold goes with keep, discard and redirect")
    func together() throws {
        #expect(
            try Trial().actions("require \"hold\"; hold \"a\"; hold \"b\"; keep; discard;") == [
                "hold a", "keep", "discard",
            ])
    }
}
