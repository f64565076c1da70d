// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import Testing

@Suite("Arguments of flags")
struct FlagArgumentsTests {
    private static let order: [Character] = ["U", "J", "I", "<", ">", "D", "S", "X", "N", "F"]

    private static func read(_ template: String) -> FlagArguments {
        FlagArguments(outcome("*  \(template)", probe: "x"), order: order, widths: ["I": 2])
    }

    @Test(
        "stand in the documented order in the text, wherever in the template the flags stand",
        arguments: ["$N$D30|no", "30|$N$Dno", "30|no$D$N", "$D30$N|no"])
    func order(template: String) {
        let arguments = Self.read(template)
        #expect(arguments["D"] == "30" && arguments["N"] == "no" && arguments.rest == "no")
        #expect(arguments["d"] == "30" && arguments["X"] == nil && arguments["é"] == nil)
    }

    @Test("several flags take one each, the text all the rest, bars and all")
    func several() {
        let arguments = Self.read("$X$N$<$D$>seen|refused|-50|4.7.1|Not|now")
        #expect(arguments["<"] == "seen" && arguments[">"] == "refused" && arguments["D"] == "-50")
        #expect(arguments["X"] == "4.7.1" && arguments["N"] == "Not|now" && arguments["F"] == nil)
    }

    @Test("an argument of two parts takes both")
    func wide() {
        let arguments = Self.read("$I$D$Nann|staff|30|no")
        #expect(arguments["I"] == "ann|staff" && arguments["D"] == "30" && arguments["N"] == "no")
    }

    @Test("an empty argument is one; where the text has ended there is none")
    func missing() {
        let empty = Self.read("$X$N|no")
        #expect(empty["X"] == "" && empty["N"] == "no")
        let short = Self.read("$D$X$N30")
        #expect(short["D"] == "30" && short["X"] == nil && short["N"] == nil && short.rest.isEmpty)
        let none = Self.read("$X$N")
        #expect(none["X"] == nil && none["N"] == nil)
        let ends = Self.read("$X$N5.7.1|")
        #expect(ends["X"] == "5.7.1" && ends["N"] == "" && ends.rest.isEmpty)
        #expect(Self.read("$I$Nann")["I"] == "ann")
    }

    @Test("without a flag that takes it, the text is the rest")
    func rest() {
        #expect(Self.read("$YEXTERNAL|x").rest == "EXTERNAL|x")
        #expect(Self.read("$Y$D30|x").rest == "x")
        #expect(Self.read("$F$X5.1.1|gone")["F"] == "gone")
    }
}
