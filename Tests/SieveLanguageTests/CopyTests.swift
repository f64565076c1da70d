// SPDX-License-Identifier: MIT

import Testing

@Suite("RFC 3894: copy")
struct CopyTests {
    @Test(":copy leaves the implicit keep standing")
    func implicitKeep() throws {
        #expect(
            try Trial().actions("require \"copy\"; redirect :copy \"archive@example.org\";") == [
                "redirect :copy archive@example.org", "implicit keep",
            ])
        #expect(
            try Trial().actions("require [\"copy\", \"fileinto\"]; fileinto :copy \"archive\"; discard;") == [
                "fileinto :copy archive", "discard",
            ])
    }

    @Test("a copy and no copy to one mailbox are one delivery, and no copy")
    func both() throws {
        #expect(
            try Trial().actions("require [\"copy\", \"fileinto\"]; fileinto :copy \"a\"; fileinto \"a\";")
                == [
                    "fileinto a"
                ])
        #expect(
            try Trial().actions("require [\"copy\", \"fileinto\"]; fileinto \"a\"; fileinto :copy \"a\";")
                == [
                    "fileinto a"
                ])
    }

    @Test("without require, the tag is an error")
    func notRequired() {
        #expect(
            Compiling.places("redirect :copy \"a@example.org\";") == [
                "1:10: the tag \":copy\" is used without require \"copy\""
            ])
    }

    @Test("no other action takes it")
    func others() {
        #expect(
            Compiling.places("require \"copy\"; keep :copy;") == [
                "1:22: unknown tag \":copy\" for the keep command"
            ])
    }
}
