// SPDX-License-Identifier: MIT

import ArgumentParser
import FoundationEssentials
import Gates
import Glibc
import Mail
import Replay

/// `postern case`: what was decided, from which facts.
struct CaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case", abstract: "List, show and explain recorded cases.",
        subcommands: [CaseList.self, CaseShow.self, CaseExplain.self])
}

/// Where cases are read from.
struct CaseSource: ParsableArguments {
    @Option(help: "The configuration file; its state folder holds the cases.")
    var config = "rules/postern.toml"
    @Option(help: "Read cases from this folder instead.")
    var cases: String?

    func folder() throws -> String {
        if let cases { return cases }
        return try StateLocator.stateFolder(config: config) + "/cases"
    }
}

struct CaseList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "One line for each case.")

    @OptionGroup var source: CaseSource
    @Option(help: "Not before: seconds since 1970, or a duration such as 2h or 7d back from now.")
    var since: String?
    @Option(help: "Sender, with * for any text; case doesn't matter.")
    var from: String?
    @Option(help: "A recipient, with * for any text.")
    var to: String?
    @Option(help: "Client network, such as 192.0.2.0/24.")
    var ip: String?
    @Flag(
        help: "Instead of sessions, tables that were consulted while mail was delivered, or for a log record."
    )
    var tables = false
    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        if tables { return try listTables() }
        let filter = try CaseFilter(since: since, from: from, to: to, network: ip)
        var reader = CaseReader(folder: try source.folder())
        try reader.forEach { record in
            if filter.admits(record) {
                StandardOutput.print(json ? try CaseLine(record).json() : CaseLine(record).text)
            }
            return true
        }
        if reader.unreadable > 0 {
            StandardError.print("postern: \(reader.unreadable) lines could not be read as cases")
        }
    }
}

extension CaseList {
    private func listTables() throws {
        let sinceMs = try since.map(CaseFilter.sinceMs) ?? 0
        var reader = CaseReader(folder: try source.folder())
        try reader.forEachTable { record in
            if record.atMs >= sinceMs {
                StandardOutput.print(json ? try TableLine(record).json() : TableLine(record).text)
            }
            return true
        }
    }
}

struct CaseShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "A whole case: facts, answers, decisions, trail, as JSON.")

    @OptionGroup var source: CaseSource
    @Argument(help: "The id that the reply named.") var id: String
    @Flag(help: "JSON is what is shown in any case.") var json = false

    func run() throws {
        switch try CaseFinder.find(id, in: try source.folder()) {
        case .session(let record):
            StandardOutput.print(String(decoding: try FactsEncoder().encode(record), as: UTF8.self))
        case .table(let record):
            StandardOutput.print(String(decoding: try FactsEncoder().encode(record), as: UTF8.self))
        }
    }
}

struct CaseExplain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "A case in words: who, what, by which rule.")

    @OptionGroup var source: CaseSource
    @Argument(help: "The id that the reply named.") var id: String
    @Flag(help: "A JSON object with the lines and the deciding rule.") var json = false

    private struct Explanation: Encodable {
        var id: String
        var fate: String
        var rule: String
        var lines: [String]
    }

    func run() throws {
        let folder = try source.folder()
        let explanation: Explanation
        switch try CaseFinder.find(id, in: folder) {
        case .session(let record):
            // What became of it later was recorded by others.
            let later = CaseFinder.tables(about: id, in: folder).flatMap { [""] + TableExplanation($0).lines }
            explanation = Explanation(
                id: record.id, fate: record.fate.rawValue, rule: record.decidingRule,
                lines: CaseExplanation(record).lines + later)
        case .table(let record):
            explanation = Explanation(
                id: record.id, fate: record.consultation.fate, rule: record.consultation.rule,
                lines: TableExplanation(record).lines)
        }
        guard json else { return StandardOutput.print(explanation.lines.joined(separator: "\n")) }
        StandardOutput.print(String(decoding: try FactsEncoder().encode(explanation), as: UTF8.self))
    }
}

/// Finds one case by its id.
enum CaseFinder {
    enum Found {
        case session(CaseRecord)
        case table(TableRecord)
    }

    /// Records of tables that one case lists, at most.
    private static let tablesMax = 1_000

    /// Tables that were consulted for a session's message, while it was delivered or for a log record.
    static func tables(about id: String, in folder: String) -> [TableRecord] {
        var found: [TableRecord] = []
        var reader = CaseReader(folder: folder)
        reader.forEachTable(containing: "\"\(id)\"") { record in
            if record.caseID == id { found.append(record) }
            return found.count < tablesMax
        }
        return found.sorted { $0.atMs < $1.atMs }
    }

    static func find(_ id: String, in folder: String) throws -> Found {
        var found: Found?
        var reader = CaseReader(folder: folder)
        reader.forEach(containing: "\"\(id)\"") { record in
            guard record.id == id else { return true }
            found = .session(record)
            return false
        }
        if found == nil {
            reader.forEachTable(containing: "\"\(id)\"") { record in
                guard record.id == id else { return true }
                found = .table(record)
                return false
            }
        }
        guard let found else {
            StandardError.print(
                "postern: no case \(id) in \(folder); it may be too old (cases.max_days), folded into another, or not "
                    + "yet written (wait a second)")
            throw ExitCode(1)
        }
        return found
    }
}

/// Which cases a list shows.
struct CaseFilter {
    private let sinceMs: Int64?
    private let from: Wildcard?
    private let to: Wildcard?
    private let network: (address: IPAddress, bits: Int)?

    init(since: String?, from: String?, to: String?, network: String?) throws {
        sinceMs = try since.map(Self.sinceMs)
        self.from = from.map(Wildcard.init)
        self.to = to.map(Wildcard.init)
        self.network = try network.map(Self.network)
    }

    func admits(_ record: CaseRecord) -> Bool {
        if let sinceMs, record.atMs < sinceMs { return false }
        if let network, !record.peer.clientAddress.isWithin(network.address, prefixLength: network.bits) {
            return false
        }
        if let from {
            guard let transaction = record.transaction,
                from.matches(transaction.sender.sender?.description ?? "")
            else { return false }
        }
        if let to {
            guard let transaction = record.transaction,
                transaction.recipients.contains(where: { to.matches($0.recipient.description) })
            else { return false }
        }
        return true
    }

    /// Seconds since 1970, or a number with `s`, `m`, `h` or `d`, back from now.
    static func sinceMs(_ text: String) throws -> Int64 {
        if let seconds = Int64(text), seconds >= 0, seconds < Int64.max / 1_000 { return seconds * 1_000 }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), count >= 0,
            count < 1_000_000
        else { throw ValidationError("--since takes seconds since 1970, or a duration such as 90m, 2h, 7d") }
        return (Int64(time(nil)) - count * unit) * 1_000
    }

    private static func network(_ text: String) throws -> (address: IPAddress, bits: Int) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        guard let first = parts.first, let address = IPAddress(first) else {
            throw ValidationError("--ip takes an address or a network such as 192.0.2.0/24")
        }
        let bits = parts.count > 1 ? Int(parts[1]) : address.octets.count * 8
        guard let bits, (0...address.octets.count * 8).contains(bits) else {
            throw ValidationError("--ip: the prefix length of \(text) is out of range")
        }
        return (address, bits)
    }
}

/// `*` for any text, everything else itself, without regard to case. Linear: the pieces between the stars are
/// looked for from left to right.
struct Wildcard {
    private let pieces: [[UInt8]]

    init(_ pattern: String) {
        pieces = pattern.lowercased().utf8.split(
            separator: UInt8(ascii: "*"), omittingEmptySubsequences: false
        )
        .map(Array.init)
    }

    func matches(_ text: String) -> Bool {
        let text = Array(text.lowercased().utf8)
        guard let first = pieces.first, let last = pieces.last else { return text.isEmpty }
        guard pieces.count > 1 else { return text == first }
        guard text.starts(with: first), text.count >= first.count + last.count,
            text.suffix(last.count).elementsEqual(last)
        else { return false }
        var rest = text[first.count..<(text.count - last.count)]
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            var found: Int?
            var index = rest.startIndex
            while index + piece.count <= rest.endIndex {
                if rest[index..<(index + piece.count)].elementsEqual(piece) {
                    found = index
                    break
                }
                index += 1
            }
            guard let found else { return false }
            rest = rest[(found + piece.count)...]
        }
        return true
    }
}

/// One case in a list.
struct CaseLine: Encodable {
    var id: String
    var at: Int64
    var ip: String
    var from: String?
    var to: [String]
    var fate: String
    var reply: String
    var rule: String
    var sizeBytes: Int?
    var count: Int

    private enum CodingKeys: String, CodingKey {
        case id, at, ip, from, to, fate, reply, rule, count
        case sizeBytes = "size_bytes"
    }

    init(_ record: CaseRecord) {
        id = record.id
        at = record.atMs / 1_000
        ip = record.peer.clientAddress.description
        from = record.transaction.map { $0.sender.sender?.description ?? "" }
        to = record.transaction?.recipients.map(\.recipient.description) ?? []
        fate = record.fate.rawValue
        rule = record.decidingRule
        sizeBytes = record.transaction?.content?.octets
        count = max(1, record.foldedCount)
        reply = Self.reply(record)
    }

    private static func reply(_ record: CaseRecord) -> String {
        if let content = record.transaction?.content { return content.judgement.outcome.reply.text }
        let refused = record.transaction?.recipients.last { $0.judgement.outcome.rejection != nil }
        return refused?.judgement.outcome.rejection?.text
            ?? record.transaction?.senderJudgement.outcome.rejection?.text
            ?? record.connection.outcome.rejection?.text ?? ""
    }

    func json() throws -> String { String(decoding: try FactsEncoder().encode(self), as: UTF8.self) }

    var text: String {
        let sender = from.map { "<\($0)>" } ?? "-"
        let recipients = to.count > 1 ? "\(to[0]) +\(to.count - 1)" : to.first ?? "-"
        let times = count > 1 ? " x\(count)" : ""
        return "\(id)  \(at)  \(ip)  \(fate)\(times)  \(sender) -> \(recipients)  \(rule)  \(reply)"
    }
}
