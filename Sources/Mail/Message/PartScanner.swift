// SPDX-License-Identifier: MIT

/// Finds the parts of a message in one pass over its lines, with a stack of what is open.
///
/// A line is a delimiter if, after `--`, it is exactly the boundary of an open multipart, with `--` perhaps,
/// and blanks (RFC 2046 §5.1.1). The innermost multipart that it fits gets it; whatever is open inside that
/// one ends.
struct PartScanner {
    private struct Node {
        let parent: Int?
        var header: HeaderBlock
        var content: ContentFields
        var body: Range<Int>
        var defects: [MessageDefect] = []
        /// Its position among its siblings, from 1.
        let position: Int
        var childCount = 0
        var delimiter: Range<Int>?
        var closeDelimiter: Range<Int>?
        var embedded: [EmbeddedFile] = []
    }

    /// What is open: a multipart, or a message inside the message.
    private struct Frame {
        let node: Int
        /// Nil for a message.
        let boundary: Boundary?
        let isDigest: Bool
        /// It is or stands in a message/global: UTF-8 in headers is no defect (RFC 6532).
        let isGlobal: Bool
        /// Its closing delimiter was there; what follows is epilogue.
        var isClosed = false
    }

    private enum State {
        /// In the header of the newest node.
        case header(HeaderScanner)
        /// In the body of the newest node.
        case leaf
        /// In a multipart's preamble or epilogue.
        case between
    }

    private let bytes: UnsafeRawBufferPointer
    private let limits: MessageLimits
    private var reader: LineReader
    private var nodes: [Node] = []
    private var frames: [Frame] = []
    private var openMultiparts = 0
    /// The octets of all open boundaries.
    private var boundaryStore: [UInt8] = []
    private var state = State.leaf
    private var fieldsLeft: Int
    private var isStopped = false

    init(_ bytes: UnsafeRawBufferPointer, limits: MessageLimits) {
        self.bytes = bytes
        self.limits = limits
        reader = LineReader(bytes, from: 0)
        fieldsLeft = limits.treeFieldsMax
    }

    mutating func scan(from header: HeaderBlock) -> PartTree {
        nodes.append(
            Node(
                parent: nil, header: header,
                content: ContentFields(header, in: bytes, implied: .plainText, limits: limits),
                body: header.end..<bytes.count, position: 1))
        fieldsLeft -= header.fields.count
        noteFieldDefects(isRoot: true)
        reader.position = header.end
        begin()
        while !isStopped, !isOnlyBodyLeft, let line = reader.next() {
            if openMultiparts > 0, let match = match(line) {
                take(match, at: line)
            } else {
                takeHeaderLine(line)
            }
        }
        finish()
        return tree()
    }

    /// In a header, reads one more line of it; elsewhere a line means nothing.
    private mutating func takeHeaderLine(_ line: LineReader.Line) {
        guard case .header(var scanner) = state else { return }
        let step = scanner.take(line, of: bytes)
        state = .header(scanner)
        guard case .ended(let end) = step else { return }
        finishHeader(at: end)
        begin()
        // A line that is no field is the body's first: it may be a delimiter.
        if end == line.start { reader.position = end }
    }

    /// Without an open multipart no line can end a leaf.
    private var isOnlyBodyLeft: Bool {
        if openMultiparts == 0, case .leaf = state { return true }
        return false
    }

    // MARK: Delimiters

    private enum Match {
        case delimiter(frame: Int)
        case close(frame: Int)
        /// One of a multipart that is closed already.
        case afterClose(frame: Int)
        /// The line only begins with a boundary.
        case ambiguous(frame: Int)
    }

    private func match(_ line: LineReader.Line) -> Match? {
        guard line.contentEnd - line.start >= 3, bytes[line.start] == ASCII.dash,
            bytes[line.start + 1] == ASCII.dash
        else { return nil }
        let start = line.start + 2
        var end = line.contentEnd
        while end > start, ASCII.isBlank(bytes[end - 1]) { end -= 1 }
        let key = Boundary.key(bytes, start..<end)
        return boundaryStore.withUnsafeBytes { store in
            var weaker: Match?
            for index in frames.indices.reversed() {
                guard let boundary = frames[index].boundary,
                    boundary.begins(key, in: bytes, start..<end, store: store)
                else { continue }
                let rest = end - start - boundary.place.count
                let isClose = rest == 2 && bytes[end - 1] == ASCII.dash && bytes[end - 2] == ASCII.dash
                if rest == 0 || isClose {
                    if !frames[index].isClosed {
                        return isClose ? .close(frame: index) : .delimiter(frame: index)
                    }
                    weaker = .afterClose(frame: index)
                } else if weaker == nil {
                    weaker = .ambiguous(frame: index)
                }
            }
            return weaker
        }
    }

    private mutating func take(_ match: Match, at line: LineReader.Line) {
        switch match {
        case .ambiguous(let frame):
            nodes[frames[frame].node].defects.note(.ambiguousBoundaryLine)
            takeHeaderLine(line)
        case .afterClose(let frame):
            nodes[frames[frame].node].defects.note(.boundaryAfterClose)
        case .close(let frame):
            closeInside(frame, at: line.start)
            frames[frame].isClosed = true
            nodes[frames[frame].node].closeDelimiter = line.start..<line.contentEnd
            state = .between
        case .delimiter(let frame):
            closeInside(frame, at: line.start)
            let parent = frames[frame].node
            guard nodes.count < limits.partsMax else {
                nodes[parent].defects.note(.tooManyParts)
                add(parent: parent, at: line.next, content: ContentFields(opaque: .octetStream))
                nodes[nodes.count - 1].delimiter = line.start..<line.next
                state = .leaf
                isStopped = true
                return
            }
            add(parent: parent, at: line.next, content: nil)
            nodes[nodes.count - 1].delimiter = line.start..<line.next
        }
    }

    /// Ends everything that is open inside `frame` where the delimiter at `start` says so.
    private mutating func closeInside(_ frame: Int, at start: Int) {
        // The line end before a delimiter belongs to it.
        var end = start
        if end > 0, bytes[end - 1] == ASCII.lf { end -= 1 }
        if end < start, end > 0, bytes[end - 1] == ASCII.cr { end -= 1 }
        finishHeaderWithoutBody(at: start)
        if case .leaf = state {
            endBody(of: nodes.count - 1, at: end)
            // A header may reach up to the delimiter; what holds it can't end before.
            end = max(end, nodes[nodes.count - 1].body.upperBound)
        }
        while frames.count > frame + 1, let inner = frames.popLast() {
            endBody(of: inner.node, at: end)
            leave(inner)
        }
    }

    private mutating func endBody(of node: Int, at end: Int) {
        let start = nodes[node].body.lowerBound
        nodes[node].body = start..<max(start, end)
    }

    private mutating func leave(_ frame: Frame) {
        guard let boundary = frame.boundary else { return }
        boundaryStore.removeLast(boundaryStore.count - boundary.place.lowerBound)
        openMultiparts -= 1
        // What wasn't read can't be missed.
        if isStopped { return }
        if nodes[frame.node].childCount == 0 { nodes[frame.node].defects.note(.emptyMultipart) }
        if !frame.isClosed { nodes[frame.node].defects.note(.unclosedMultipart) }
    }

    // MARK: Parts

    /// A new node whose header starts at `start`; with `content` it is not looked into.
    private mutating func add(parent: Int, at start: Int, content: ContentFields?) {
        nodes[parent].childCount += 1
        nodes.append(
            Node(
                parent: parent, header: .empty(at: start),
                content: content ?? ContentFields(opaque: .plainText),
                body: start..<bytes.count, position: nodes[parent].childCount))
        state = .header(
            HeaderScanner(
                start: start, octetsMax: limits.headerOctetsMax,
                fieldsMax: max(0, min(limits.headerFieldsMax, fieldsLeft)),
                lineOctetsMax: limits.lineOctetsMax, allowsUTF8: frames.last?.isGlobal ?? false))
    }

    /// Ends the newest node's header at `end` and reads its content fields. It is a leaf until `begin` says
    /// more.
    private mutating func finishHeader(at end: Int) {
        guard case .header(var scanner) = state else { return }
        let node = nodes.count - 1
        let header = scanner.finish(at: end, of: bytes)
        fieldsLeft -= header.fields.count
        let isInDigest = frames.last?.isDigest ?? false
        nodes[node].header = header
        nodes[node].content = ContentFields(
            header, in: bytes, implied: isInDigest ? .message : .plainText, limits: limits)
        nodes[node].body = end..<bytes.count
        noteFieldDefects(isRoot: false)
        state = .leaf
    }

    /// What the newest node's fields say together.
    private mutating func noteFieldDefects(isRoot: Bool) {
        let node = nodes.count - 1
        let holder = nodes[node].parent.map { nodes[$0].content.type }
        let rules = FieldRules(
            nodes[node].header, in: bytes, isMessage: holder?.isMessage ?? true, isRoot: isRoot,
            limits: limits)
        nodes[node].defects.note(contentsOf: rules.defects(with: nodes[node].content))
    }

    /// A header that a delimiter or the message's end cuts off: its part stays a leaf.
    private mutating func finishHeaderWithoutBody(at end: Int) {
        guard case .header = state else { return }
        finishHeader(at: end)
        let node = nodes.count - 1
        if nodes[node].content.type.isMultipart { nodes[node].defects.note(.emptyMultipart) }
        // Neither field nor empty line: some readers see no part here, others an empty one.
        if nodes[node].header.fields.isEmpty { nodes[node].defects.note(.headerCutShort) }
    }

    /// Decides what the newest node's body is: parts, a message, or a leaf.
    private mutating func begin() {
        state = .leaf
        let node = nodes.count - 1
        let content = nodes[node].content
        if content.type.isFragment { nodes[node].defects.note(.messageFragment) }
        if content.type.name == "message/external-body" { nodes[node].defects.note(.externalBody) }
        guard content.type.isMultipart || content.type.isMessage else { return }
        guard frames.count < limits.nestingDepthMax else { return nodes[node].defects.note(.tooDeep) }
        let isGlobal = content.type.name == "message/global"
        if !content.encoding.isIdentity {
            nodes[node].defects.note(isGlobal ? .encodedMessage : .contradictingEncodings)
        }
        let isInGlobal = frames.last?.isGlobal ?? false
        if content.type.isMultipart {
            guard let boundary = boundary(of: node) else { return }
            frames.append(
                Frame(
                    node: node, boundary: boundary, isDigest: content.type.subtype == "digest",
                    isGlobal: isInGlobal))
            openMultiparts += 1
            state = .between
        } else if content.encoding.isIdentity {
            guard nodes.count < limits.partsMax else { return nodes[node].defects.note(.tooManyParts) }
            frames.append(
                Frame(node: node, boundary: nil, isDigest: false, isGlobal: isGlobal || isInGlobal))
            add(parent: node, at: nodes[node].body.lowerBound, content: nil)
        }
    }

    private mutating func boundary(of node: Int) -> Boundary? {
        let parameter = nodes[node].content.type.parameters.parameter("boundary")
        var octets = parameter?.octets ?? []
        if let parameter, !parameter.isPlain || !Self.isCommon(boundary: octets) {
            nodes[node].defects.note(.oddBoundary)
        }
        // Blanks at its end can't be told from padding (RFC 2046 §5.1.1 forbids them).
        while let last = octets.last, ASCII.isBlank(last) {
            octets.removeLast()
            nodes[node].defects.note(.brokenParameter)
        }
        guard !octets.isEmpty else {
            nodes[node].defects.note(.missingBoundary)
            return nil
        }
        guard octets.count <= limits.boundaryOctetsMax else {
            nodes[node].defects.note(.boundaryTooLong)
            return nil
        }
        for place in frames.compactMap(\.boundary?.place) {
            let other = boundaryStore[place]
            if other.elementsEqual(octets) {
                nodes[node].defects.note(.boundaryReused)
            } else if octets.starts(with: other) || other.starts(with: octets) {
                nodes[node].defects.note(.boundaryPrefixesAnother)
            }
        }
        return Boundary(octets, in: &boundaryStore)
    }

    /// What RFC 2046 §5.1.1 allows: 1 to 70 of its characters, the last no blank.
    private static func isCommon(boundary: [UInt8]) -> Bool {
        guard (1...70).contains(boundary.count), boundary.last != ASCII.space else { return false }
        return boundary.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), ASCII.space:
                return true
            default: return boundaryMarks.contains(byte)
            }
        }
    }

    private static let boundaryMarks = Array("'()+_,-./:=?".utf8)

    // MARK: The end

    private mutating func finish() {
        finishHeaderWithoutBody(at: bytes.count)
        while let frame = frames.popLast() { leave(frame) }
        reader.readToEnd()
        lookIntoLeaves()
        checkSecured()
    }

    /// Files in texts, and octets that an encoding doesn't announce. What is encoded isn't looked at: that is
    /// most of a large message.
    private mutating func lookIntoLeaves() {
        var filesLeft = limits.embeddedFilesMax
        for node in nodes.indices where nodes[node].childCount == 0 {
            let content = nodes[node].content
            guard content.encoding.isIdentity else { continue }
            let body = nodes[node].body.clamped(to: 0..<bytes.count)
            guard content.type.type == "text" || content.defects.contains(.unknownEncoding) else {
                if content.encoding == .sevenBit, HeaderScanner.hasEightBit(bytes, in: body) {
                    nodes[node].defects.note(.eightBitInSevenBit)
                }
                continue
            }
            var scanner = EmbeddedFileScanner(bytes, filesMax: filesLeft, limits: limits)
            let files = scanner.scan(body)
            if content.encoding == .sevenBit, scanner.sawEightBit {
                nodes[node].defects.note(.eightBitInSevenBit)
            }
            filesLeft -= files.count
            if scanner.isCutShort { nodes[node].defects.note(.tooManyEmbeddedFiles) }
            guard !files.isEmpty else { continue }
            nodes[node].defects.note(.embeddedFile)
            for file in files { nodes[node].defects.note(contentsOf: file.defects) }
            nodes[node].embedded = files
        }
    }

    /// Whether signed and encrypted multiparts are built as RFC 1847 says.
    private mutating func checkSecured() {
        var childTypes: [Int: [ContentType]] = [:]
        for node in nodes {
            guard let parent = node.parent else { continue }
            let type = nodes[parent].content.type
            guard type.isMultipart, type.subtype == "signed" || type.subtype == "encrypted" else { continue }
            childTypes[parent, default: []].append(node.content.type)
        }
        for (parent, types) in childTypes {
            let type = nodes[parent].content.type
            let isSigned = type.subtype == "signed"
            let control = isSigned ? types.last : types.first
            let isWhole =
                types.count == 2
                && control?.name == type.parameters["protocol"].map { ASCII.lowered($0.utf8) }
                && (isSigned || types.last?.name == "application/octet-stream")
            if !isWhole { nodes[parent].defects.note(isSigned ? .brokenSigned : .brokenEncrypted) }
        }
    }

    /// Numbers the nodes and puts them together. Parents come before their children in `nodes`.
    private func tree() -> PartTree {
        var numbers: [String] = []
        // What the numbers of a node's children begin with.
        var prefixes: [String] = []
        for node in nodes {
            let isMultipart = node.content.type.isMultipart && node.childCount > 0
            guard let parent = node.parent else {
                numbers.append(isMultipart ? "" : "1")
                prefixes.append(isMultipart ? "" : "1.")
                continue
            }
            let isInMultipart = nodes[parent].content.type.isMultipart
            let number = "\(prefixes[parent])\(node.position)"
            numbers.append(isMultipart && !isInMultipart ? "\(prefixes[parent])TEXT" : number)
            prefixes.append(isMultipart && !isInMultipart ? prefixes[parent] : number + ".")
        }
        var defects: [MessageDefect] = []
        if reader.sawNUL { defects.note(.nul) }
        if reader.sawBareLF { defects.note(.bareLF) }
        if reader.sawBareCR { defects.note(.bareCR) }
        if reader.longestLine > limits.lineOctetsMax { defects.note(.lineTooLong) }
        var children = [[Part]](repeating: [], count: nodes.count)
        var root: Part?
        for index in nodes.indices.reversed() {
            let part = part(nodes[index], number: numbers[index], children: children[index].reversed())
            children[index] = []
            if let parent = nodes[index].parent { children[parent].append(part) } else { root = part }
        }
        for node in nodes {
            defects.note(contentsOf: node.header.defects)
            defects.note(contentsOf: node.content.defects)
            defects.note(contentsOf: node.defects)
        }
        // `scan` begins with the root.
        guard let root else { preconditionFailure("a tree is made of at least one node, here of none") }
        return PartTree(root: root, defects: defects)
    }

    private func part(_ node: Node, number: String, children: [Part]) -> Part {
        var defects = node.header.defects
        defects.note(contentsOf: node.content.defects)
        defects.note(contentsOf: node.defects)
        return Part(
            number: number, contentType: node.content.type, disposition: node.content.disposition,
            encoding: node.content.encoding, filename: node.content.fileName, header: node.header,
            headerRange: node.header.start..<node.header.end, bodyRange: node.body, children: children,
            delimiter: node.delimiter, closeDelimiter: node.closeDelimiter, embedded: node.embedded,
            defects: defects)
    }
}
