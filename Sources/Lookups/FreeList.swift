// SPDX-License-Identifier: MIT

internal import Synchronization

/// Things handed out one by one, to threads as they begin.
final class FreeList<Element: Sendable>: Sendable {
    private let elements: Mutex<[Element]>

    init(_ elements: [Element]) { self.elements = Mutex(elements.reversed()) }

    /// In their order; nil when all are taken.
    func take() -> Element? { elements.withLock { $0.popLast() } }
}
