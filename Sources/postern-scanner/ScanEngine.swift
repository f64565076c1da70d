// SPDX-License-Identifier: MIT
internal import CClamAV
internal import Glibc
internal import ScannerWire

/// libclamav with its signatures. Loaded once in the parent; workers share its pages, because scanning only
/// reads.
final class ScanEngine {
    private let engine: OpaquePointer
    let limits: ScanEngineLimits
    let signatureCount: UInt32
    let hasOnlyTestSignatures: Bool
    /// Seconds since 1970-01-01 UTC.
    let loadedAt: UInt64

    init(signatures: SignatureFolder, limits: ScanEngineLimits, temporary: String) throws(ScannerExit) {
        let status = cl_init(UInt32(CL_INIT_DEFAULT))
        guard status == CL_SUCCESS, let engine = cl_engine_new() else {
            throw ScannerExit(.system, "cannot start libclamav: \(Self.words(status))")
        }
        self.engine = engine
        self.limits = limits
        try Self.apply(limits, temporary: temporary, to: engine)
        Self.installCallbacks(on: engine)
        var count: UInt32 = 0
        let loaded = cl_load(
            signatures.path, engine, &count, UInt32(CL_DB_PHISHING | CL_DB_PHISHING_URLS | CL_DB_BYTECODE))
        guard loaded == CL_SUCCESS else {
            throw ScannerExit(
                .badSignatures,
                "cannot load the signatures in \(signatures.path): \(Self.words(loaded)); "
                    + "mend or remove the file"
            )
        }
        guard count > 0 else {
            throw ScannerExit(.noSignatures, "no signature in \(signatures.path): run freshclam")
        }
        let compiled = cl_engine_compile(engine)
        guard compiled == CL_SUCCESS else {
            throw ScannerExit(.badSignatures, "cannot compile the signatures: \(Self.words(compiled))")
        }
        signatureCount = count
        hasOnlyTestSignatures = signatures.hasOnlyTestSignatures
        loadedAt = UInt64(max(0, time(nil)))
    }

    /// Unpacked files go below `folder` from now on. For a worker after the fork; it touches one page of the
    /// engine.
    func useTemporaryFolder(_ folder: String) throws(ScannerExit) {
        let status = cl_engine_set_str(engine, CL_ENGINE_TMPDIR, folder)
        guard status == CL_SUCCESS else {
            throw ScannerExit(.system, "cannot use \(folder) for unpacked files: \(Self.words(status))")
        }
    }

    /// Scans what `descriptor` holds.
    ///
    /// - Parameter milliseconds: after which libclamav gives up by itself, before the watchdog ends the
    /// process.
    func scan(descriptor: Int32, within milliseconds: UInt64) -> ScanAnswer.Finding {
        let budget = cl_engine_set_num(engine, CL_ENGINE_MAX_SCANTIME, Int64(clamping: max(1, milliseconds)))
        guard budget == CL_SUCCESS else {
            return .unscanned(reason: "libclamav refused its time budget", isTransient: true)
        }
        var options = Self.scanOptions
        var name: UnsafePointer<CChar>?
        var scanned: UInt = 0
        let notes = ScanNotes()
        // Unretained: the callbacks run inside this call only.
        let context = Unmanaged.passUnretained(notes).toOpaque()
        let code = withExtendedLifetime(notes) {
            cl_scandesc_callback(descriptor, nil, &name, &scanned, engine, &options, context)
        }
        notes.finish()
        return ScanResult(code: code, name: name.map { String(cString: $0) }, notes: notes).finding
    }

    /// Everything is opened that libclamav can open, and what it can't is told as a match.
    private static var scanOptions: cl_scan_options {
        var options = cl_scan_options()
        options.general = UInt32(CL_SCAN_GENERAL_HEURISTICS)
        options.parse = UInt32.max
        options.heuristic = UInt32(
            CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE
                | CL_SCAN_HEURISTIC_ENCRYPTED_DOC
                | CL_SCAN_HEURISTIC_BROKEN)
        return options
    }

    private static func apply(
        _ limits: ScanEngineLimits, temporary: String, to engine: OpaquePointer
    ) throws(ScannerExit) {
        let numbers: [(cl_engine_field, Int64)] = [
            (CL_ENGINE_MAX_FILESIZE, limits.fileOctetsMax), (CL_ENGINE_MAX_SCANSIZE, limits.scanOctetsMax),
            (CL_ENGINE_MAX_RECURSION, limits.depthMax), (CL_ENGINE_MAX_FILES, limits.filesMax),
            // These leave content out without a word, so they lie where the limits above speak first.
            (CL_ENGINE_MAX_EMBEDDEDPE, limits.fileOctetsMax),
            (CL_ENGINE_MAX_HTMLNORMALIZE, limits.fileOctetsMax),
            (CL_ENGINE_MAX_HTMLNOTAGS, limits.fileOctetsMax),
            (CL_ENGINE_MAX_SCRIPTNORMALIZE, limits.fileOctetsMax),
            (CL_ENGINE_MAX_ZIPTYPERCG, limits.fileOctetsMax),
            (CL_ENGINE_PCRE_MAX_FILESIZE, limits.fileOctetsMax),
            (CL_ENGINE_PCRE_MATCH_LIMIT, limits.expressionStepsMax),
            (CL_ENGINE_PCRE_RECMATCH_LIMIT, limits.expressionDepthMax),
            // The cache of clean files goes by MD5: of two files made to share one, the harmless twin would
            // vouch for the other.
            (CL_ENGINE_DISABLE_CACHE, 1), (CL_ENGINE_DISABLE_PE_STATS, 1),
        ]
        for (field, value) in numbers {
            let status = cl_engine_set_num(engine, field, value)
            guard status == CL_SUCCESS else {
                throw ScannerExit(.system, "libclamav refused setting \(field.rawValue): \(words(status))")
            }
        }
        let status = cl_engine_set_str(engine, CL_ENGINE_TMPDIR, temporary)
        guard status == CL_SUCCESS else {
            throw ScannerExit(.system, "libclamav refused the folder \(temporary): \(words(status))")
        }
    }

    private static func installCallbacks(on engine: OpaquePointer) {
        cl_set_clcb_msg { severity, _, message, context in
            guard let message else { return }
            let text = String(cString: message)
            guard let context else {
                // Outside a scan: about the signatures.
                if severity != CL_MSG_INFO_VERBOSE { ScannerEvent.engineSaid(text).write() }
                return
            }
            Unmanaged<ScanNotes>.fromOpaque(context).takeUnretainedValue()
                .note(message: text, isError: severity == CL_MSG_ERROR)
        }
        cl_engine_set_clcb_file_inspection(engine) { _, type, _, _, _, octets, content, depth, _, context in
            guard let type, let context else { return CL_CLEAN }
            Unmanaged<ScanNotes>.fromOpaque(context).takeUnretainedValue().enter(
                type: String(cString: type), depth: Int(depth),
                content: UnsafeRawBufferPointer(start: content, count: content == nil ? 0 : octets))
            return CL_CLEAN
        }
        cl_engine_set_clcb_meta(engine) { container, packedOctets, name, octets, _, position, context in
            guard let container, let context else { return CL_CLEAN }
            Unmanaged<ScanNotes>.fromOpaque(context).takeUnretainedValue().announce(
                container: String(cString: container), name: name.map { String(cString: $0) } ?? "",
                octets: UInt64(octets), packedOctets: UInt64(packedOctets), position: position)
            return CL_CLEAN
        }
    }

    private static func words(_ status: cl_error_t) -> String {
        guard let text = cl_strerror(status) else { return "code \(status.rawValue)" }
        return String(cString: text)
    }
}
