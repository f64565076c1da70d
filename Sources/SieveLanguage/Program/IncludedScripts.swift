// SPDX-License-Identifier: MIT

internal import Mail

/// Scripts that others may include (RFC 6609 §3.1), by the name that `include` gives.
package struct ScriptLibrary: Sendable {
    package var personal: [String: [UInt8]]
    package var global: [String: [UInt8]]

    package init(personal: [String: [UInt8]] = [:], global: [String: [UInt8]] = [:]) {
        self.personal = personal
        self.global = global
    }
}

/// The scripts that one compilation has included so far, each compiled once.
struct IncludedScripts: Sendable {
    enum Location: String, Hashable, Sendable { case personal, global }

    struct Key: Hashable, Sendable {
        var location: Location
        var name: String
    }

    let library: ScriptLibrary
    /// Programs of the whole script; the first is the script itself. Nil while one is being compiled.
    private(set) var programs: [Program?] = [nil]
    private(set) var complaints: [Complaint] = []
    private var numbers: [Key: Int] = [:]
    /// Being compiled, the outermost first.
    private(set) var open: [Key] = []

    init(library: ScriptLibrary) { self.library = library }

    func source(_ key: Key) -> [UInt8]? {
        switch key.location {
        case .personal: library.personal[key.name]
        case .global: library.global[key.name]
        }
    }

    func number(_ key: Key) -> Int? { numbers[key] }

    mutating func begin(_ key: Key) -> Int {
        open.append(key)
        programs.append(nil)
        numbers[key] = programs.count - 1
        return programs.count - 1
    }

    mutating func end(_ number: Int, _ program: Program, _ found: [Complaint]) {
        programs[number] = program
        complaints += found
        open.removeLast()
    }
}
