// SPDX-License-Identifier: MIT

package import Mail

/// A Sieve script (RFC 5228), compiled: immutable, shared by every evaluation.
package struct Script: Sendable {
    /// The file's name as the operator knows it; every place in an outcome carries it.
    package let name: String
    /// What it requires, in alphabetical order.
    package let capabilities: [String]
    /// The script itself, and then those that it includes.
    let programs: [Program]

    /// What scripts can require here, sorted.
    package static var supportedCapabilities: [String] { Vocabulary.capabilities.sorted() }

    /// Compiles `source`. Every mistake is reported at once, in the order of the file, and then those of the
    /// scripts that it includes; the script is nil if one of them is an error. Line ends of CRLF and LF read
    /// the same. `withheld` are capabilities that whoever runs the script can't carry out: they are unknown
    /// to it, to `ihave` too.
    package static func compile(
        name: String, source: [UInt8], limits: SieveLimits = .init(), library: ScriptLibrary = .init(),
        withheld: Set<String> = []
    ) -> (script: Script?, complaints: [Complaint]) {
        compile(
            name: name, source: source, limits: limits, library: library, isSuite: false, withheld: withheld)
    }

    static func compile(
        name: String, source: [UInt8], limits: SieveLimits, library: ScriptLibrary, isSuite: Bool,
        withheld: Set<String> = []
    ) -> (script: Script?, complaints: [Complaint]) {
        let compiled = compileProgram(
            name: name, source: source, limits: limits, library: IncludedScripts(library: library),
            isSuite: isSuite, withheld: withheld)
        let complaints = compiled.complaints + compiled.library.complaints
        let programs = [compiled.program] + compiled.library.programs.dropFirst().compactMap { $0 }
        guard !complaints.contains(where: { $0.severity == .error }),
            programs.count == compiled.library.programs.count
        else { return (nil, complaints) }
        return (Script(name: name, capabilities: compiled.capabilities, programs: programs), complaints)
    }

    static func compileProgram(
        name: String, source: [UInt8], limits: SieveLimits, library: IncludedScripts,
        isSuite: Bool = false, withheld: Set<String> = []
    ) -> (program: Program, capabilities: [String], complaints: [Complaint], library: IncludedScripts) {
        guard source.count <= limits.scriptOctetsMax else {
            let complaint = Complaint(
                file: name, line: 1,
                message: "the script has \(source.count) octets; at most \(limits.scriptOctetsMax) are read",
                help: "split it, or take long lists out of it")
            return (Program(name: name), [], [complaint], library)
        }
        let map = SourceMap(source)
        var parser = Parser(source, limits: limits)
        if isSuite {
            return compileSuite(
                name: name, &parser, map: map, limits: limits, library: library, withheld: withheld)
        }
        var compiler = Compiler(
            name: name, map: map, limits: limits, mistakes: MistakeList(limits: limits), library: library,
            withheld: withheld)
        let program = compiler.compile(&parser)
        var mistakes = parser.mistakes
        mistakes.append(compiler.mistakes)
        return (
            program, compiler.capabilities.sorted(), mistakes.complaints(file: name, map: map),
            compiler.library
        )
    }

    /// The test language looks at what commands mean only once all of them can be read.
    private static func compileSuite(
        name: String, _ parser: inout Parser, map: SourceMap, limits: SieveLimits, library: IncludedScripts,
        withheld: Set<String>
    ) -> (program: Program, capabilities: [String], complaints: [Complaint], library: IncludedScripts) {
        let commands = parser.parse()
        var found = parser.mistakes
        if found.endsAtGrammar() {
            return (Program(name: name), [], found.complaints(file: name, map: map), library)
        }
        var compiler = Compiler(
            name: name, map: map, limits: limits, mistakes: found, library: library,
            isSuite: true, withheld: withheld)
        let program = compiler.compile(commands)
        return (
            program, compiler.capabilities.sorted(), compiler.mistakes.complaints(file: name, map: map),
            compiler.library
        )
    }
}
