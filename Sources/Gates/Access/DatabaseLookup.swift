// SPDX-License-Identifier: MIT

internal import MappingTables
internal import Mail

/// One key looked up in one text database: at once where the database is part of the ruleset, by a question
/// where it is live.
struct DatabaseLookup: Evaluation {
    private let database: String
    private let key: String
    private let source: DatabaseSource?
    private let wantsKeys: Bool
    private var isAsked = false

    init(_ question: DatabaseQuestion, in databases: [String: DatabaseSource]) {
        database = question.database
        key = question.key
        wantsKeys = question.wantsKeys
        source = databases[question.database]
    }

    init(_ database: String, key: String, in databases: [String: DatabaseSource]) {
        self.init(DatabaseQuestion(database: database, key: key), in: databases)
    }

    mutating func next(_ answers: [Answer]) -> Step<DatabaseAnswer> {
        switch source {
        case nil:
            return done(.failed("there is no [database.\(database)]"))
        case .compiled(let compiled)? where wantsKeys:
            guard let keys = compiled.keys(most: DatabaseAnswer.keysMax) else {
                return done(.failed("it has more than \(DatabaseAnswer.keysMax) keys"))
            }
            return done(.keys(keys.map { String(decoding: $0, as: UTF8.self) }))
        case .live? where wantsKeys:
            return done(.failed("it is live: single keys can be asked for, but not which there are"))
        case .compiled(let compiled)?:
            let value = compiled[Array(key.utf8)].map { String(decoding: $0, as: UTF8.self) }
            return done(value.map { .value($0) } ?? .none)
        case .live?:
            guard isAsked else {
                isAsked = true
                return .ask([.database(DatabaseQuestion(database: database, key: key))])
            }
            switch answers.first {
            case .database(let answer)?: return done(answer)
            case .unavailable(let reason)?: return done(.failed(reason))
            default: return done(.failed("the answer is not a database's"))
            }
        }
    }

    private func done(_ answer: DatabaseAnswer) -> Step<DatabaseAnswer> {
        let result =
            switch answer {
            case .value(let value): value
            case .none: "no such key"
            case .keys(let keys): "\(keys.count) keys"
            case .failed(let reason): "failed: \(reason)"
            }
        return .done(
            answer,
            Trail([
                Trail.Entry(
                    .policy, rule: "postern.toml [database.\(database)]",
                    about: PlainText.excerpt(key), result: PlainText.excerpt(result))
            ]))
    }
}
