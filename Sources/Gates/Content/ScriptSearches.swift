// SPDX-License-Identifier: MIT

internal import Mail

/// Searches for the scripts of several recipients that ask at once: a directory that takes its time is waited
/// for once, and not once for each of a thousand recipients.
struct ScriptSearches: Sendable {
    /// Recipients whose scripts are looked for at once: all of them together would be more questions than a
    /// worker may have waiting.
    static let togetherMax = 32

    private struct Running: Sendable {
        let recipient: Int
        var search: ScriptSearch
        /// Which of the questions are its own.
        var asked: [Int] = []
    }

    private var running: [Running] = []
    private var found: [Int: (scripts: [ScriptSearch.Found], trail: Trail)] = [:]

    var isIdle: Bool { running.isEmpty }

    mutating func add(_ recipient: Int, _ search: ScriptSearch) {
        running.append(Running(recipient: recipient, search: search))
    }

    /// What was found for a recipient, once; nil where nothing is known yet.
    mutating func take(_ recipient: Int) -> (scripts: [ScriptSearch.Found], trail: Trail)? {
        found.removeValue(forKey: recipient)
    }

    /// `answers` to what was asked last. What all of them want to know, each question once; nil where all are
    /// done.
    mutating func next(_ answers: [Answer]) -> [Question]? {
        var questions: [Question] = []
        var places: [Question: Int] = [:]
        var going: [Running] = []
        for var each in running {
            let own = each.asked.map { $0 < answers.count ? answers[$0] : .unavailable("no answer") }
            switch each.search.next(own) {
            case .done(let scripts, let trail): found[each.recipient] = (scripts, trail)
            case .ask(let wanted):
                each.asked = wanted.map { question in
                    if let place = places[question] { return place }
                    places[question] = questions.count
                    questions.append(question)
                    return questions.count - 1
                }
                going.append(each)
            }
        }
        running = going
        return questions.isEmpty ? nil : questions
    }
}
