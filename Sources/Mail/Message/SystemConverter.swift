// SPDX-License-Identifier: MIT

internal import Glibc
internal import Synchronization

/// The C library's conversions to UTF-8 (iconv), for the charsets of `Charset` that are named there.
///
/// Opening one reads a module from disk the first time and costs microseconds each time after, so those that
/// were opened are kept for the next text.
enum SystemConverter {
    /// An open conversion. Whoever took it from `idle` has it alone.
    private struct Descriptor: @unchecked Sendable {
        // Sendable: it belongs to no thread, and one owner at a time uses it.
        let handle: iconv_t
    }

    /// Open conversions of one charset that are kept while nobody needs them: as many as threads of one
    /// process decode at once. There are about sixty charsets, and each of these takes some kilobytes.
    private static let idleMax = 2

    /// Octets without a meaning after which the rest of a text is read as ASCII: each makes the C library
    /// begin anew, which is a hundred times dearer than an octet that means something. No text that somebody
    /// could read has so many.
    private static let brokenOctetsMax = 65_536

    private static let idle = Mutex<[String: [Descriptor]]>([:])

    /// `octets` as text; U+FFFD stands for each octet that can't be converted. Nil where the machine hasn't
    /// got that conversion. `name` is the C library's, never one from outside.
    static func text(_ octets: UnsafeRawBufferPointer, from name: String) -> String? {
        guard let descriptor = take(name) else { return nil }
        defer { keep(descriptor, name) }
        return convert(octets, descriptor.handle)
    }

    static func text(_ octets: [UInt8], from name: String) -> String? {
        octets.withUnsafeBytes { text($0, from: name) }
    }

    private static func take(_ name: String) -> Descriptor? {
        if let kept = idle.withLock({ $0[name]?.popLast() }) { return kept }
        // iconv says by -1 what other functions say by a null pointer.
        guard let handle = iconv_open("UTF-8", name), Int(bitPattern: handle) != -1 else { return nil }
        return Descriptor(handle: handle)
    }

    private static func keep(_ descriptor: Descriptor, _ name: String) {
        _ = iconv(descriptor.handle, nil, nil, nil, nil)
        let isKept = idle.withLock { idle in
            guard idle[name, default: []].count < idleMax else { return false }
            idle[name, default: []].append(descriptor)
            return true
        }
        if !isKept { iconv_close(descriptor.handle) }
    }

    /// Octets of output that are asked for at once.
    private static let pieceOctets = 16_384

    private static func convert(_ octets: UnsafeRawBufferPointer, _ handle: iconv_t) -> String {
        guard let base = octets.baseAddress, !octets.isEmpty else { return "" }
        // The C library wants a pointer that it could write through, and doesn't.
        var input: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: base)
            .assumingMemoryBound(to: CChar.self)
        var inputLeft = octets.count
        var brokenLeft = brokenOctetsMax
        var text: [UInt8] = []
        text.reserveCapacity(octets.count + octets.count / 2)
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: pieceOctets) { piece in
            /// One call; with `flushes` what the conversion holds back comes out instead.
            func step(flushes: Bool) -> Int32 {
                var output = piece.baseAddress
                var outputLeft = piece.count
                let result =
                    flushes
                    ? iconv(handle, nil, nil, &output, &outputLeft)
                    : iconv(handle, &input, &inputLeft, &output, &outputLeft)
                let status = result == -1 ? errno : 0
                text += UnsafeRawBufferPointer(piece)[..<(piece.count - outputLeft)]
                return status
            }
            while inputLeft > 0 {
                let before = (inputLeft, text.count)
                let status = step(flushes: false)
                if status == E2BIG, before != (inputLeft, text.count) { continue }
                if inputLeft == 0 { break }
                // Here stands an octet without a meaning, or the end cut a character off.
                _ = step(flushes: true)
                text += replacement
                if status == EINVAL { break }
                input = input.map { $0 + 1 }
                inputLeft -= 1
                brokenLeft -= 1
                guard brokenLeft > 0 else {
                    appendASCII(octets[(octets.count - inputLeft)...], to: &text)
                    break
                }
            }
            _ = step(flushes: true)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// U+FFFD.
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    private static func appendASCII(_ octets: Slice<UnsafeRawBufferPointer>, to text: inout [UInt8]) {
        for octet in octets {
            if octet < 0x80 { text.append(octet) } else { text += replacement }
        }
    }
}
