// SPDX-License-Identifier: MIT

import Testing

@Suite("The house rules' own eyes")
struct ScannerTests {
    private func code(_ text: String) -> String {
        String(decoding: SwiftFile(path: "", text: text).code, as: UTF8.self)
    }

    @Test(
        "comments and strings are not code, lines stay lines",
        arguments: [
            ("let a = 1 // try!", "let a = 1        "),
            ("a /* b /* c */ d */ e", "a                   e"),
            (#"f("try! \(g("x")) y")"#, "f(                  )"),
            ("let a = \"\"\"\n  fatalError(\n  \"\"\"\nb", "let a =    \n             \n     \nb"),
            ("let a = #\"x \" y\"# + b", "let a =           + b"),
            ("f(#\"\"\"\"#, a)", "f(      , a)"),
            ("#if DEBUG", "#if DEBUG"),
        ])
    func blanking(text: String, expected: String) {
        #expect(code(text) == expected)
    }

    @Test("a word is found as a word only")
    func words() {
        #expect(SwiftFile.contains("await f()", "await"))
        #expect(!SwiftFile.contains("awaited()", "await"))
        #expect(!SwiftFile.contains("let kAs! = 1", "as!"))
        #expect(SwiftFile.contains("x as! Y", "as!"))
    }

    @Test("functions, initialisers and computed properties are measured, requirements are not")
    func functions() {
        let text = """
            protocol P {
                func a() -> Int
                var b: Int { get }
            }
            struct S {
                let c = { 1 }()
                init(
                    d: Int
                ) {
                    self.init(x: 1)
                }
                func e<T>() -> T
                where T: P {
                }
                var f: Int {
                    1
                }
            }
            """
        let found = FunctionScanner.functions(in: SwiftFile(path: "", text: text).code)
        #expect(
            found == [
                .init(name: "b", line: 3, lines: 1), .init(name: "init", line: 7, lines: 5),
                .init(name: "e", line: 12, lines: 3), .init(name: "f", line: 15, lines: 3),
            ])
    }
}
