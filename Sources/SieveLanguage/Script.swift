// SPDX-License-Identifier: MIT

package import Mail

/// A Sieve script (RFC 5228), compiled: immutable, shared by every evaluation.
package struct Script: Sendable {
    /// The file's name as the operator knows it; every place in an outcome carries it.
    package let name: String
    /// What it requires, in alphabetical order.
    package let capabilities: [String]
    let program: Program

    /// Compiles `source`. Every mistake is reported at once, in the order of the file; the script is nil if
    /// one of them is an error. Line ends of CRLF and LF read the same.
    package static func compile(
        name: String, source: [UInt8], limits: SieveLimits = .init()
    ) -> (script: Script?, complaints: [Complaint]) {
        guard source.count <= limits.scriptOctetsMax else {
            let complaint = Complaint(
                file: name, line: 1,
                message: "the script has \(source.count) octets; at most \(limits.scriptOctetsMax) are read",
                help: "split it, or take long lists out of it")
            return (nil, [complaint])
        }
        let map = SourceMap(source)
        var parser = Parser(source, limits: limits)
        let commands = parser.parse()
        var compiler = Compiler(map: map, limits: limits, mistakes: parser.mistakes)
        let program = compiler.compile(commands)
        let complaints = compiler.mistakes.complaints(file: name, map: map)
        guard !compiler.mistakes.hasErrors else { return (nil, complaints) }
        let script = Script(
            name: name, capabilities: compiler.capabilities.sorted(), program: program)
        return (script, complaints)
    }
}
