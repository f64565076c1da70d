// SPDX-License-Identifier: MIT

import FoundationEssentials
import Mail

/// The world as a file says it is: answers that a command gets instead of the network's. Beside DNS it may
/// say what `ZoneAnswers` has.
///
///     {"records":[{"name":"example.com","type":"TXT","rdata":["v=spf1 -all"]},
///                 {"name":"t.example.com","type":"A","rcode":"TIMEOUT"}]}
///
/// Records of one name and type add up. `rcode` is NODATA, NXDOMAIN, SERVFAIL or TIMEOUT; with type `*` it
/// stands for every type that the name isn't listed with. A listed name has no data of other types, and a
/// name that isn't listed doesn't exist. CNAMEs inside the file are followed.
struct ZoneFile: Sendable {
    /// CNAMEs in a row; resolvers give up at about as many.
    static let aliasesMax = 16
    /// Seconds that an answer may be kept: the file doesn't say, and nobody keeps these.
    static let ttlSeconds = 300

    private enum Entry {
        case records([String])
        case code(ResponseCode)
    }

    private enum ResponseCode: String {
        case noData = "NODATA"
        case noSuchName = "NXDOMAIN"
        case serverFailure = "SERVFAIL"
        case timeout = "TIMEOUT"
    }

    private struct Name {
        var types: [DNSQuestion.RecordType: Entry] = [:]
        var others: ResponseCode?
    }

    /// By name in lower case, without the trailing dot.
    private var names: [String: Name] = [:]
    private let others: ZoneAnswers

    init(path: String) throws(CommandFailure) {
        let bytes = try InputFile.read(path, octetsMax: InputFile.textOctetsMax)
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(bytes))
            others = try JSONDecoder().decode(ZoneAnswers.self, from: Data(bytes))
        } catch {
            throw .badUsage("\(path): this is no zone file: \(Self.words(error))")
        }
        for (index, record) in (document.records ?? []).enumerated() {
            if let mistake = add(record) { throw .badUsage("\(path): records[\(index)]: \(mistake)") }
        }
    }

    // MARK: Answering

    /// What the file doesn't say is unavailable: nothing here reaches the world.
    func answer(_ question: Question) -> Answer {
        guard case .dns(let asked) = question else {
            return others.answer(question) ?? .unavailable("the zone file does not say")
        }
        return .dns(answer(asked))
    }

    func answer(_ question: DNSQuestion) -> DNSAnswer {
        var name = question.name
        for _ in 0...Self.aliasesMax {
            guard let found = names[name] else { return .noSuchName(ttlSeconds: Self.ttlSeconds) }
            if let entry = found.types[question.type] { return Self.answer(entry) }
            guard question.type != .cname, case .records(let targets)? = found.types[.cname],
                let target = targets.first
            else { return Self.answer(.code(found.others ?? .noData)) }
            name = target
        }
        return .failed("SERVFAIL: more than \(Self.aliasesMax) CNAME records in a row")
    }

    private static func answer(_ entry: Entry) -> DNSAnswer {
        switch entry {
        case .records(let records):
            .records(Array(records.prefix(DNSAnswer.recordsMax)), ttlSeconds: ttlSeconds)
        case .code(.noData): .noData(ttlSeconds: ttlSeconds)
        case .code(.noSuchName): .noSuchName(ttlSeconds: ttlSeconds)
        case .code(.serverFailure): .failed("SERVFAIL")
        case .code(.timeout): .timedOut
        }
    }

    // MARK: Reading

    private struct Document: Decodable {
        var records: [Record]?
    }

    private struct Record: Decodable {
        var name: String
        var type: String
        var rdata: [Datum]?
        var rcode: String?
    }

    /// A record's text, or the character-strings of a TXT record.
    private enum Datum: Decodable {
        case text(String)
        case strings([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // What is no string is a list, or a mistake.
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .strings(try container.decode([String].self))
            }
        }
    }

    /// Returns what is wrong with `record`, if anything is.
    private mutating func add(_ record: Record) -> String? {
        let key = Self.folded(record.name)
        var name = names[key] ?? Name()
        defer { names[key] = name }
        if (record.rdata == nil) == (record.rcode == nil) {
            return "it needs \"rdata\" or \"rcode\", and not both"
        }
        var code: ResponseCode?
        if let rcode = record.rcode {
            code = ResponseCode(rawValue: rcode.uppercased())
            if code == nil { return "rcode \"\(rcode)\" is none of NODATA, NXDOMAIN, SERVFAIL and TIMEOUT" }
        }
        if record.type == "*" {
            guard let code else { return "type \"*\" goes with \"rcode\" only" }
            name.others = code
            return nil
        }
        guard let type = DNSQuestion.RecordType(rawValue: record.type.uppercased()) else {
            let known = DNSQuestion.RecordType.allCases.map(\.rawValue).joined(separator: ", ")
            return "type \"\(record.type)\" is none of \(known) and *"
        }
        if let code {
            if case .records? = name.types[type] {
                return "\(record.name) \(type.rawValue) has records and an rcode"
            }
            name.types[type] = .code(code)
            return nil
        }
        var records: [String] = []
        switch name.types[type] {
        case .records(let before)?: records = before
        case .code?: return "\(record.name) \(type.rawValue) has records and an rcode"
        case nil: break
        }
        for datum in record.rdata ?? [] {
            guard let text = Self.text(datum, type) else {
                return "its rdata isn't that of type \(type.rawValue)"
            }
            records.append(text)
        }
        // No record at all is an answer without data.
        name.types[type] = records.isEmpty ? .code(.noData) : .records(records)
        return nil
    }

    /// Data in the form in which a resolver's answers have it; nil where it isn't of that type.
    private static func text(_ datum: Datum, _ type: DNSQuestion.RecordType) -> String? {
        switch (type, datum) {
        case (.txt, .text(let text)): escaped(text)
        case (.txt, .strings(let strings)): escaped(strings.joined())
        case (_, .strings): nil
        case (.a, .text(let text)): IPAddress(text).flatMap { $0.isIPv4 ? $0.description : nil }
        case (.aaaa, .text(let text)):
            // An IPv4 address in IPv6 form is read as IPv4, which it is.
            text.utf8.contains(UInt8(ascii: ":")) ? IPAddress(text)?.description : nil
        case (.mx, .text(let text)): mailExchanger(text)
        case (.ptr, .text(let text)), (.cname, .text(let text)): text.isEmpty ? nil : folded(text)
        case (.tlsa, .text(let text)): text
        }
    }

    private static func mailExchanger(_ text: String) -> String? {
        let words = text.utf8.split(separator: 0x20).map { String(Substring($0)) }
        guard words.count == 2, let preference = UInt16(words[0]) else { return nil }
        return "\(preference) \(folded(words[1]))"
    }

    private static func folded(_ name: String) -> String {
        let folded = name.lowercased()
        return folded.utf8.count > 1 && folded.utf8.last == UInt8(ascii: ".")
            ? String(folded.dropLast()) : folded
    }

    /// What isn't printable ASCII, and the backslash, as `\DDD` (RFC 1035 §5.1).
    private static func escaped(_ text: String) -> String {
        var escaped: [UInt8] = []
        for octet in text.utf8 {
            if (0x20...0x7E).contains(octet), octet != UInt8(ascii: "\\") {
                escaped.append(octet)
            } else {
                escaped.append(UInt8(ascii: "\\"))
                for place: UInt8 in [100, 10, 1] { escaped.append(0x30 + octet / place % 10) }
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        @unknown default: return "it can't be read"
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        return (path.isEmpty ? "" : "\(path.dropFirst(path.hasPrefix(".") ? 1 : 0)): ")
            + context.debugDescription
    }
}
