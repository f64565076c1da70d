// SPDX-License-Identifier: MIT

/// How a running scanner is: for `status`, `check`, the log and the metrics.
package struct ScannerStatus: Hashable, Sendable {
    /// The parent's process id.
    package var process: UInt32
    /// Signatures loaded.
    package var signatures: UInt32
    /// Every signature file's name starts with `test-`: real malware passes, and the operator must be told.
    package var hasOnlyTestSignatures: Bool
    package var workers: UInt16
    /// Workers that have a job in hand.
    package var busy: UInt16
    /// Jobs taken up since the start.
    package var jobs: UInt64
    /// Workers stopped because a job went over its time or processor budget.
    package var overruns: UInt64
    /// Workers that ended by themselves in the middle of a job.
    package var crashes: UInt64
    /// When the signatures were loaded, seconds since 1970-01-01 UTC.
    package var loadedAt: UInt64
    /// The workers' confinement: `complete: ...` or `incomplete: ...`.
    package var confinement: String

    /// Octets of `confinement`, at most.
    package static let textOctetsMax = 1_024

    package init(
        process: UInt32, signatures: UInt32, hasOnlyTestSignatures: Bool, workers: UInt16, busy: UInt16,
        jobs: UInt64,
        overruns: UInt64, crashes: UInt64, loadedAt: UInt64, confinement: String
    ) {
        self.process = process
        self.signatures = signatures
        self.hasOnlyTestSignatures = hasOnlyTestSignatures
        self.workers = workers
        self.busy = busy
        self.jobs = jobs
        self.overruns = overruns
        self.crashes = crashes
        self.loadedAt = loadedAt
        self.confinement = confinement
    }

    /// The question for it.
    package static func request(nonce: ScanNonce) -> ScanFrame {
        ScanFrame(kind: .statusRequest, nonce: nonce, payload: [])
    }

    package func frame(nonce: ScanNonce) -> ScanFrame {
        var writer = ScanFieldWriter()
        writer.write(process)
        writer.write(signatures)
        writer.write(UInt8(hasOnlyTestSignatures ? 1 : 0))
        writer.write(workers)
        writer.write(busy)
        for number in [jobs, overruns, crashes, loadedAt] { writer.write(number) }
        writer.write(text: confinement, octetsMax: Self.textOctetsMax)
        return ScanFrame(kind: .status, nonce: nonce, payload: writer.bytes)
    }

    package init(_ frame: ScanFrame) throws(ScanWireError) {
        guard frame.kind == .status else { throw .unknownKind(frame.kind.rawValue) }
        var reader = ScanFieldReader(frame.payload[...])
        process = try reader.readUInt32()
        signatures = try reader.readUInt32()
        hasOnlyTestSignatures = try reader.readUInt8() != 0
        workers = try reader.readUInt16()
        busy = try reader.readUInt16()
        jobs = try reader.readUInt64()
        overruns = try reader.readUInt64()
        crashes = try reader.readUInt64()
        loadedAt = try reader.readUInt64()
        confinement = try reader.readText(octetsMax: Self.textOctetsMax)
        try reader.expectEnd()
    }
}
