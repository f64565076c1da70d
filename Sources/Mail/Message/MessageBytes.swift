// SPDX-License-Identifier: MIT

/// The received bytes of one message, in one piece and never changed (promise P3). Shared by reference
/// between the judge, the scanners and the queue; freed with its last owner.
package final class MessageBytes: @unchecked Sendable {
    // Sendable: the memory is written before init and only read afterwards.
    private let base: UnsafeRawBufferPointer
    private let release: Release

    /// How the memory goes back.
    package enum Release: Sendable {
        case deallocate
        /// The owner unmaps it; Mail knows no files, so the owner is kept alive and does so in its `deinit`.
        case owner(any AnyObject & Sendable)
    }

    package var count: Int { base.count }

    /// What keeps the memory valid, as given; nil where it is this object's own.
    package var owner: (any AnyObject & Sendable)? {
        if case .owner(let owner) = release { owner } else { nil }
    }

    /// Copies `bytes`.
    package init(_ bytes: some Collection<UInt8>) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
        base = UnsafeRawBufferPointer(memory)
        release = .deallocate
    }

    /// Takes memory over: allocated with `UnsafeMutableRawBufferPointer.allocate`, or kept valid by `owner`.
    package init(taking memory: UnsafeRawBufferPointer, release: Release) {
        base = memory
        self.release = release
    }

    deinit {
        if case .deallocate = release { base.deallocate() }
    }

    /// The pointer must not leave `body`.
    package func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(base)
    }

    package func bytes(in range: Range<Int>) -> [UInt8] { Array(base[range]) }
}
