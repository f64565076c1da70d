// SPDX-License-Identifier: MIT
import Mail

/// What a probe file says that the world answers, in columns separated by one tab:
///
///     =dice        MILLIONTHS
///     =sequence    NAME        NUMBER
///     =database    NAME        KEY       VALUE
///     =directory   NAME        FILTER    VALUE
///     =meter       TABLE       KEY       over, under, wait, passed, or a number or text that it holds
///
/// Key and filter may be `*`, which stands for those that no line names; value `-` is "not found", `!` is
/// "out of reach". A database or directory that a line names has nothing but what lines say of it.
struct ProbeWorld: Sendable {
    private var lines: [String: String] = [:]
    private var named: Set<String> = []

    /// False for a line that can't be read.
    mutating func take(_ columns: [String]) -> Bool {
        switch (columns[0], columns.count) {
        case ("=dice", 2):
            guard let fallen = Int(columns[1]), (0..<1_000_000).contains(fallen) else { return false }
            lines["=dice"] = columns[1]
        case ("=sequence", 3):
            guard Int64(columns[2]) != nil else { return false }
            lines["=sequence\t\(columns[1])"] = columns[2]
        case ("=database", 4), ("=directory", 4), ("=meter", 4):
            named.insert("\(columns[0])\t\(columns[1])")
            lines["\(columns[0])\t\(columns[1])\t\(columns[2].lowercased())"] = columns[3]
        default: return false
        }
        return true
    }

    /// Nil where no line says anything.
    func answer(_ question: Question) -> Answer? {
        switch question {
        case .dice: return lines["=dice"].flatMap { Int($0) }.map { .dice($0) }
        case .sequence(let asked):
            return lines["=sequence\t\(asked.name)"].flatMap { Int64($0) }.map { .sequence($0) }
        case .database(let asked):
            return said("=database", asked.database, asked.key).map { value in
                switch value {
                case "-": .database(.none)
                case "!": .database(.failed("the probe file says so"))
                default: .database(.value(value))
                }
            }
        case .directory(let asked):
            return said("=directory", asked.directory, asked.filter).map { value in
                switch value {
                case "-": return .directory(.none)
                case "!": return .directory(.unreachable("the probe file says so"))
                default:
                    let attribute = DirectoryEntry.Attribute(
                        name: asked.attributes.first ?? "", values: [value])
                    return .directory(.entries([DirectoryEntry(name: "", attributes: [attribute])]))
                }
            }
        case .meter(let asked): return said("=meter", asked.table, asked.key).map { Self.meter($0, asked) }
        case .dns, .callout, .scan, .time, .recipient, .memory, .identity, .script: return nil
        }
    }

    private func said(_ kind: String, _ name: String, _ key: String) -> String? {
        lines["\(kind)\t\(name)\t\(key.lowercased())"] ?? lines["\(kind)\t\(name)\t*"]
            ?? (named.contains("\(kind)\t\(name)") ? "-" : nil)
    }

    private static func meter(_ value: String, _ asked: MeterQuestion) -> Answer {
        switch (value, asked.operation) {
        case ("!", _): .meter(.failed("the probe file says so"))
        case ("over", _): .meter(.use(count: 1_000_000, isOver: true))
        case ("wait", _): .meter(.greylist(.new(waitSeconds: 300)))
        case ("passed", _), ("-", .greylist): .meter(.greylist(.passed))
        case ("under", _), ("-", .throttle), ("-", .query): .meter(.use(count: 1, isOver: false))
        case ("-", .remove): .meter(.removed(false))
        case ("-", .fetch): .meter(.value(nil))
        case ("-", .adjust(let difference)): .meter(.value("\(difference)"))
        case (let held, .remove): .meter(.removed(!held.isEmpty))
        case (let held, _): .meter(.value(held))
        }
    }
}
