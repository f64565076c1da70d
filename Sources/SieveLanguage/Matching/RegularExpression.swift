// SPDX-License-Identifier: MIT

internal import CPCRE2

/// A `:regex` key, compiled (draft-ietf-sieve-regex): PCRE2's syntax, of which POSIX extended expressions are
/// the part that the draft names. Matching is bounded in steps and memory, so that no expression blows up.
///
/// Immutable and shared; each match has its own working memory. Code for this processor is made before the
/// first match: it takes several times as long as compiling the expression, and many are never reached.
final class RegularExpression: @unchecked Sendable {
    // Sendable: compiled code is only read after init, as PCRE2 documents; the copy for this processor is
    // published with an atomic exchange once it is whole.
    private let code: OpaquePointer
    private let native: UnsafeMutablePointer<OpaquePointer?>
    private let pattern: [UInt8]
    private let ignoresCase: Bool

    /// Octets of one expression. Longer ones are generated, and belong into a list.
    private static let patternOctetsMax = 4_096
    /// PCRE2's own measure of work for one match: far beyond any honest expression on a header field, and
    /// less than a tenth of a second.
    private static let matchStepsMax: UInt32 = 1_000_000
    /// Kilobytes of working memory for one match.
    private static let heapKilobytesMax: UInt32 = 8_192

    /// Throws what is wrong with it, in PCRE2's words.
    init(_ pattern: [UInt8], ignoresCase: Bool) throws(Mistake) {
        guard pattern.count <= Self.patternOctetsMax else {
            throw Mistake(
                text: "it has \(pattern.count) octets; at most \(Self.patternOctetsMax) are taken", offset: 0)
        }
        var number: Int32 = 0
        var offset = 0
        // An invalid value doesn't match; it is no error.
        var options = UInt32(PCRE2_UTF) | UInt32(PCRE2_MATCH_INVALID_UTF) | UInt32(PCRE2_NEVER_BACKSLASH_C)
        if ignoresCase { options |= UInt32(PCRE2_CASELESS) }
        let code = pattern.withUnsafeBufferPointer {
            pcre2_compile_8($0.baseAddress, $0.count, options, &number, &offset, nil)
        }
        guard let code else { throw Mistake(text: Self.words(number), offset: offset) }
        self.code = code
        native = .allocate(capacity: 1)
        native.initialize(to: nil)
        self.pattern = pattern
        self.ignoresCase = ignoresCase
    }

    deinit {
        if let made = native.pointee { pcre2_code_free_8(made) }
        native.deallocate()
        pcre2_code_free_8(code)
    }

    /// The code to match with. Where none can be made for this processor, the interpreter does the same,
    /// slower.
    private func runnable() -> OpaquePointer {
        if let made = postern_code_load(native) { return made }
        guard let copy = pcre2_code_copy_8(code) else { return code }
        pcre2_jit_compile_8(copy, UInt32(PCRE2_JIT_COMPLETE))
        // Another evaluation may have been faster; then its copy is the one.
        guard let published = postern_code_publish(native, copy) else { return code }
        if published != copy { pcre2_code_free_8(copy) }
        return published
    }

    struct Mistake: Error {
        var text: String
        /// Into the expression.
        var offset: Int
    }

    /// What the expression and its groups matched, the whole first; an unset group is an empty range. Nil
    /// where it doesn't match. Throws where a limit is reached.
    func match(_ value: [UInt8]) throws(Interruption) -> [Range<Int>]? {
        let code = runnable()
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil),
            let context = pcre2_match_context_create_8(nil)
        else { throw .fault("there is no memory for a :regex match") }
        defer {
            pcre2_match_data_free_8(data)
            pcre2_match_context_free_8(context)
        }
        pcre2_set_match_limit_8(context, Self.matchStepsMax)
        pcre2_set_depth_limit_8(context, Self.matchStepsMax)
        pcre2_set_heap_limit_8(context, Self.heapKilobytesMax)
        let count = value.withUnsafeBufferPointer { buffer -> Int32 in
            // An empty array has no address, and PCRE2 wants one.
            var nothing: UInt8 = 0
            guard let base = buffer.baseAddress else {
                return pcre2_match_8(code, &nothing, 0, 0, 0, data, context)
            }
            return pcre2_match_8(code, base, buffer.count, 0, 0, data, context)
        }
        if count == PCRE2_ERROR_NOMATCH { return nil }
        guard count > 0, let offsets = pcre2_get_ovector_pointer_8(data) else {
            throw .fault("a :regex match was given up: \(Self.words(count))")
        }
        return (0..<Int(count)).map { group in
            let start = offsets[group * 2]
            let end = offsets[group * 2 + 1]
            // PCRE2_UNSET is -1 here; \K can turn a range round
            return start >= 0 && start <= end && end <= value.count ? start..<end : 0..<0
        }
    }

    private static func words(_ number: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let count = pcre2_get_error_message_8(number, &text, text.count)
        return String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self)
    }
}
