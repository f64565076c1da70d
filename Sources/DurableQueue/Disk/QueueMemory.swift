// SPDX-License-Identifier: MIT

/// Memory that content is read from: allocated, or a mapped file. Given back when the last owner lets go.
package final class QueueMemory: @unchecked Sendable {
    // Sendable: the memory is written before it is shared and only read afterwards.
    package let bytes: UnsafeMutableRawBufferPointer
    private let release: @Sendable (UnsafeMutableRawBufferPointer) -> Void

    /// `release` is called once, from whichever thread lets go last.
    package init(
        _ bytes: UnsafeMutableRawBufferPointer,
        release: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void
    ) {
        self.bytes = bytes
        self.release = release
    }

    package convenience init(octets: Int) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(octets, 1), alignment: 16)
        self.init(UnsafeMutableRawBufferPointer(rebasing: memory[..<octets])) { $0.baseAddress?.deallocate() }
    }

    deinit { release(bytes) }
}
