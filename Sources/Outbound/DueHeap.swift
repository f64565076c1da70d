// SPDX-License-Identifier: MIT

internal import DurableQueue

/// Entries that wait for a time, the earliest first: a binary heap. What is no longer meant is passed over by
/// whoever takes it out.
struct DueHeap {
    private struct Node {
        let at: Int64
        let id: EntryID
    }

    private var nodes: [Node] = []

    var first: Int64? { nodes.first?.at }

    mutating func insert(_ id: EntryID, at: Int64) {
        nodes.append(Node(at: at, id: id))
        var child = nodes.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard nodes[child].at < nodes[parent].at else { return }
            nodes.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest, if it is due.
    mutating func pop(now: Int64) -> EntryID? {
        guard let top = nodes.first, top.at <= now, let last = nodes.popLast() else { return nil }
        guard !nodes.isEmpty else { return top.id }
        nodes[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < nodes.count else { return top.id }
            if child + 1 < nodes.count, nodes[child + 1].at < nodes[child].at { child += 1 }
            guard nodes[child].at < nodes[parent].at else { return top.id }
            nodes.swapAt(child, parent)
            parent = child
        }
    }
}
