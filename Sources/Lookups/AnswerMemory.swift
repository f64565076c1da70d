// SPDX-License-Identifier: MIT

internal import Mail
internal import Synchronization

/// What was answered lately, and what is being asked: equal questions under way get one answer, whichever
/// worker they come from.
final class AnswerMemory<Key: Hashable & Sendable>: Sendable {
    enum Turn {
        /// Remembered.
        case known(Answer)
        /// An equal question is under way: its answer is this one's.
        case wait
        /// Ask, and tell `finish`.
        case ask
        /// Too many are under way.
        case full
    }

    private struct Remembered {
        let answer: Answer
        let untilMs: Int64
        let octets: Int
        let stamp: UInt64
    }

    private struct UnderWay {
        /// When whoever asks has given up, whatever became of it.
        let deadlineMs: Int64
        var tasks: [SenseTask]
    }

    private struct State {
        var remembered: [Key: Remembered] = [:]
        /// Oldest first. Names what was replaced, too; `stamp` tells.
        var order: [(key: Key, stamp: UInt64)] = []
        var first = 0
        var octets = 0
        var stamp: UInt64 = 0
        var underWay: [Key: UnderWay] = [:]
    }

    private let entriesMax: Int
    private let octetsMax: Int
    private let underWayMax: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - entriesMax: answers that are remembered; the oldest makes room.
    ///   - octetsMax: octets of all of them, as `finish` is told.
    ///   - underWayMax: different questions at once.
    init(entriesMax: Int, octetsMax: Int, underWayMax: Int) {
        self.entriesMax = entriesMax
        self.octetsMax = octetsMax
        self.underWayMax = underWayMax
    }

    /// Whose turn it is. For `.wait` and `.ask` the task is kept, and finished by `finish`.
    func begin(_ task: SenseTask, key: Key) -> Turn {
        let now = SenseTask.nowMs()
        return state.withLock { state in
            if let remembered = state.remembered[key], remembered.untilMs > now {
                return .known(remembered.answer)
            }
            if let underWay = state.underWay[key], underWay.deadlineMs > now {
                state.underWay[key]?.tasks.append(task)
                return .wait
            }
            if state.underWay.count >= underWayMax {
                // Those were given up before anybody came to them.
                state.underWay = state.underWay.filter { $0.value.deadlineMs > now }
                guard state.underWay.count < underWayMax else { return .full }
            }
            state.underWay[key] = UnderWay(deadlineMs: task.deadlineMs, tasks: [task])
            return .ask
        }
    }

    /// Answers everyone who asked, and remembers the answer for `seconds`; nil or 0: not at all.
    func finish(_ key: Key, _ answer: Answer, seconds: Int?, octets: Int) {
        let tasks = state.withLock { state in
            if let seconds, seconds > 0, octets <= octetsMax {
                remember(key, answer, untilMs: SenseTask.nowMs() + Int64(seconds) * 1_000, octets, in: &state)
            }
            return state.underWay.removeValue(forKey: key)?.tasks ?? []
        }
        for task in tasks { task.answer(answer) }
    }

    private func remember(
        _ key: Key, _ answer: Answer, untilMs: Int64, _ octets: Int, in state: inout State
    ) {
        state.octets += octets - (state.remembered[key]?.octets ?? 0)
        state.stamp += 1
        state.remembered[key] = Remembered(
            answer: answer, untilMs: untilMs, octets: octets, stamp: state.stamp)
        state.order.append((key, state.stamp))
        while state.remembered.count > entriesMax || state.octets > octetsMax, state.first < state.order.count
        {
            let oldest = state.order[state.first]
            state.first += 1
            guard state.remembered[oldest.key]?.stamp == oldest.stamp else { continue }
            state.octets -= state.remembered.removeValue(forKey: oldest.key)?.octets ?? 0
        }
        // What was replaced and what was dropped is cleared away before it is more than what counts.
        guard state.order.count > 2 * entriesMax + 64 else { return }
        state.order = state.order[state.first...].filter { state.remembered[$0.key]?.stamp == $0.stamp }
        state.first = 0
    }
}
