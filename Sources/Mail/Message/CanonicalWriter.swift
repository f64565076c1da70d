// SPDX-License-Identifier: MIT

/// Goes over a message's parts in their order and writes down what of it stays and what is replaced.
struct CanonicalWriter {
    private let bytes: MessageBytes
    private let tree: PartTree
    private let limits: MessageLimits
    private var pieces: [Edition.Piece] = []
    /// The last octet written: a delimiter has to begin a line.
    private var last: UInt8?
    /// Boundaries of our own, by the number of the part.
    private var fresh: [String: [UInt8]] = [:]

    private static let lineEnd = [ASCII.cr, ASCII.lf]

    init(_ message: Message, tree: PartTree, limits: MessageLimits) {
        bytes = message.bytes
        self.tree = tree
        self.limits = limits
        fresh = Self.freshBoundaries(tree, in: message.bytes)
    }

    mutating func write() -> Edition {
        write(tree.root, isMessage: true, isInGlobal: false)
        return Edition(pieces: pieces)
    }

    // MARK: Pieces

    private mutating func keep(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        guard !range.isEmpty else { return }
        last = bytes.withBytes { $0[range.upperBound - 1] }
        if case .original(let before) = pieces.last, before.upperBound == range.lowerBound {
            pieces[pieces.count - 1] = .original(before.lowerBound..<range.upperBound)
        } else {
            pieces.append(.original(range))
        }
    }

    private mutating func insert(_ octets: [UInt8]) {
        guard let end = octets.last else { return }
        last = end
        // Taken out while it grows, so that it isn't copied.
        switch pieces.popLast() {
        case .inserted(var grown)?:
            grown += octets
            pieces.append(.inserted(grown))
        case let other:
            if let other { pieces.append(other) }
            pieces.append(.inserted(octets))
        }
    }

    // MARK: Parts

    /// As deep as `nestingDepthMax`: what is deeper is a leaf.
    private mutating func write(_ part: Part, isMessage: Bool, isInGlobal: Bool) {
        let body = CanonicalBody(part, in: bytes, limits: limits)
        let header = CanonicalHeader(
            part, in: bytes, isMessage: isMessage, allowsUTF8: isInGlobal, encoding: body.encoding,
            boundary: fresh[part.number], limits: limits)
        var keptTo = header.start
        for change in header.changes {
            keep(keptTo..<change.range.lowerBound)
            if let last, last != ASCII.lf { insert(Self.lineEnd) }
            insert(change.octets)
            keptTo = change.range.upperBound
        }
        keep(keptTo..<header.end)
        if part.contentType.isMultipart, !part.children.isEmpty {
            writeMultipart(part, isInGlobal: isInGlobal)
        } else if !part.children.isEmpty {
            for child in part.children {
                write(child, isMessage: true, isInGlobal: isInGlobal || part.type == "message/global")
            }
        } else if let octets = body.replacement {
            insert(octets)
        } else {
            keep(part.bodyRange)
        }
    }

    private mutating func writeMultipart(_ part: Part, isInGlobal: Bool) {
        let boundary = fresh[part.number]
        let written = boundary ?? Self.boundary(of: part)
        var end = part.bodyRange.lowerBound
        for (index, child) in part.children.enumerated() {
            let delimiter = child.delimiter ?? end..<end
            // Before the first one stands a preamble, before the others the line end that belongs to them.
            if index == 0, isClean(end..<delimiter.lowerBound) {
                keep(end..<delimiter.lowerBound)
            } else if index > 0, end < delimiter.lowerBound {
                endLine(end..<delimiter.lowerBound)
            }
            if last != ASCII.lf { insert(Self.lineEnd) }
            if boundary == nil, isClean(delimiter), endsLine(delimiter) {
                keep(delimiter)
            } else {
                insert([ASCII.dash, ASCII.dash] + written + Self.lineEnd)
            }
            write(child, isMessage: false, isInGlobal: isInGlobal)
            end = child.bodyRange.upperBound
        }
        let close = part.closeDelimiter ?? part.bodyRange.upperBound..<part.bodyRange.upperBound
        if part.closeDelimiter != nil, end < close.lowerBound {
            endLine(end..<close.lowerBound)
        } else if part.closeDelimiter == nil {
            insert(Self.lineEnd)
        }
        if last != ASCII.lf { insert(Self.lineEnd) }
        if boundary == nil, part.closeDelimiter != nil, isClean(close) {
            keep(close)
        } else {
            insert([ASCII.dash, ASCII.dash] + written + [ASCII.dash, ASCII.dash])
        }
        let epilogue = close.upperBound..<max(close.upperBound, part.bodyRange.upperBound)
        if part.closeDelimiter != nil, isClean(epilogue) {
            keep(epilogue)
        } else {
            insert(Self.lineEnd)
        }
    }

    /// The line end before a delimiter, kept if it is one for everybody.
    private mutating func endLine(_ range: Range<Int>) {
        if isClean(range), range.count == 2 { keep(range) } else { insert(Self.lineEnd) }
    }

    private func isClean(_ range: Range<Int>) -> Bool {
        bytes.withBytes { RawBody($0, range, limits: limits).isClean }
    }

    private func endsLine(_ range: Range<Int>) -> Bool {
        bytes.withBytes { $0[range.clamped(to: 0..<$0.count)].last == ASCII.lf }
    }

    // MARK: Boundaries

    /// As the scanner takes it: without blanks at its end.
    private static func boundary(of part: Part) -> [UInt8] {
        var octets = part.contentType.parameters.parameter("boundary")?.octets ?? []
        while let last = octets.last, ASCII.isBlank(last) { octets.removeLast() }
        return octets
    }

    private static let clashes: Set<MessageDefect> = [
        .twoBoundaries, .oddBoundary, .boundaryPrefixesAnother, .boundaryReused, .ambiguousBoundaryLine,
        .boundaryAfterClose,
    ]

    /// Boundaries for the multiparts whose own is ambiguous, and for those whose own would be a beginning of
    /// ours. All have the same length, so none begins another.
    private static func freshBoundaries(_ tree: PartTree, in bytes: MessageBytes) -> [String: [UInt8]] {
        let multiparts = tree.all.filter { $0.contentType.isMultipart && !$0.children.isEmpty }
        guard multiparts.contains(where: { !clashes.isDisjoint(with: $0.defects) }) else { return [:] }
        let stem = stem(absentFrom: bytes)
        var boundaries: [String: [UInt8]] = [:]
        for (index, part) in multiparts.enumerated() {
            let own = boundary(of: part)
            let isOurs = own.starts(with: stem) || stem.starts(with: own)
            guard isOurs || !clashes.isDisjoint(with: part.defects) else { continue }
            // Parts are at most `partsMax`.
            boundaries[part.number] = stem + Array(String(1_000_000 + index).utf8)
        }
        return boundaries
    }

    /// Stems tried. Whoever writes one into a message has to know all of them.
    private static let stemsMax = 64

    /// Something that doesn't occur in the message. `=_` occurs in no quoted-printable and no base64.
    private static func stem(absentFrom bytes: MessageBytes) -> [UInt8] {
        var taken = Set<Int>()
        let mark = Array("=_postern-".utf8)
        bytes.withBytes { buffer in
            var from = 0
            while let start = LineReader.firstIndex(
                of: ASCII.equals, in: buffer, from: from, upTo: buffer.count)
            {
                from = start + 1
                guard LineReader.matches(mark, in: buffer, at: start) else { continue }
                let digits = buffer[(start + mark.count)...].prefix(2)
                if let number = Int(String(decoding: digits, as: UTF8.self)) { taken.insert(number) }
            }
        }
        let free = (0..<stemsMax).first { !taken.contains($0 + 10) } ?? 0
        return mark + Array("\(free + 10)-".utf8)
    }
}

/// What a stretch of received bytes has that lines of a message must not have.
struct RawBody {
    private(set) var hasNUL = false
    private(set) var hasBareCR = false
    private(set) var hasBareLF = false
    private(set) var hasLongLine = false

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, limits: MessageLimits) {
        let range = range.clamped(to: 0..<bytes.count)
        // No line is read beyond the range.
        let stretch = UnsafeRawBufferPointer(rebasing: bytes[range])
        var reader = LineReader(stretch, from: 0)
        reader.readToEnd()
        hasNUL = reader.sawNUL
        hasBareCR = reader.sawBareCR
        hasBareLF = reader.sawBareLF
        hasLongLine = reader.longestLine > limits.lineOctetsMax
    }

    var isClean: Bool { !(hasNUL || hasBareCR || hasBareLF || hasLongLine) }
}
