// SPDX-License-Identifier: MIT

import Testing

@testable import Operations

@Suite("A member of a JSON object as it was written")
struct RawMemberTests {
    private func found(_ json: String) -> String? {
        let bytes = Array(json.utf8)
        return RawMember.object("request", in: bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test("the member of the outermost object is meant, wherever it stands")
    func outermost() {
        #expect(found(#"{"request":{"a":1}}"#) == #"{"a":1}"#)
        #expect(
            found(#"{ "x" : [ {"request":{"no":1}} ] , "request" :  { "a" : {} }  }"#) == #"{ "a" : {} }"#)
        #expect(found(#"{"x":{"request":{"no":1}}}"#) == nil)
        #expect(found(#"{"x":"request","y":{}}"#) == nil)
    }

    @Test("braces and quotes in strings are text")
    func strings() {
        #expect(found(#"{"x":"\"request\":{","request":{"a":"}\"}\\"}}"#) == #"{"a":"}\"}\\"}"#)
        #expect(found(#"{"{":"}","request":{}}"#) == "{}")
    }

    @Test("a value that is no object is none")
    func noObject() {
        #expect(found(#"{"request":[1]}"#) == nil)
        #expect(found(#"{"request":"{}"}"#) == nil)
        #expect(found("{}") == nil)
    }

    @Test(
        "what is no JSON does no harm",
        arguments: ["", "{", "\"", "{\"request\":", "{\"request\":{", "}{\"\\", "{\"\\"])
    func broken(json: String) {
        #expect(found(json) == nil)
    }
}
