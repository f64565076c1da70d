// SPDX-License-Identifier: MIT

import Cryptography
import Mail

/// What `mime parse` answers.
struct PartTreeReport: Encodable {
    /// The message's own.
    var type: String
    /// A multipart's parts; a message of any other type is its own part 1.
    var parts: [Body]
    /// Of the whole message, the bodies' decoding included; each once.
    var defects: [MessageDefect]

    init(_ tree: PartTree, in bytes: MessageBytes) {
        type = tree.root.type
        var found = tree.defects
        parts = (tree.root.number.isEmpty ? tree.root.children : [tree.root]).map {
            Body($0, in: bytes, defects: &found)
        }
        defects = found
    }

    struct Body: Encodable {
        var number: String
        var type: String
        var charset: Nullable<String>
        var filename: Nullable<String>
        /// `attachment`, `inline`, or whatever the message says.
        var disposition: Nullable<String>
        var encoding: String
        /// Octets as received.
        var size: Int
        /// Octets with the transfer encoding undone.
        var decodedSize: Int
        /// Of the decoded octets.
        var sha256: String
        var defects: [MessageDefect]
        /// Uuencoded and yEnc files in a text, once its transfer encoding is undone. Nil for none: the key is
        /// left out then.
        var files: [File]?
        /// Nil for a leaf: its key is left out then.
        var parts: [Body]?

        enum CodingKeys: String, CodingKey {
            case number, type, charset, filename, disposition, encoding, size
            case decodedSize = "decoded_size"
            case sha256, defects, files, parts
        }

        /// Adds what is wrong with the bodies to `found`.
        init(_ part: Part, in bytes: MessageBytes, defects found: inout [MessageDefect]) {
            let decoding = part.decoding(in: bytes)
            number = part.number
            type = part.type
            charset = Nullable(part.charset)
            filename = Nullable(part.filename)
            disposition = Nullable(part.disposition.flatMap { $0.kind.isEmpty ? nil : $0.kind })
            encoding = part.encoding.rawValue
            size = part.bodyRange.count
            decodedSize = decoding.octets.count
            sha256 = Digest.sha256Hex(decoding.octets)
            defects = part.defects
            var inside = decoding.defects
            files = nil
            if !part.embedded.isEmpty {
                files = part.embedded.map { File($0, in: bytes) }
            } else {
                let hidden = part.embedded(inDecoded: decoding.octets)
                if !hidden.isEmpty {
                    let decoded = MessageBytes(decoding.octets)
                    files = hidden.map { File($0, in: decoded) }
                    inside.append(.embeddedFile)
                }
            }
            inside += files?.flatMap(\.defects) ?? []
            for defect in inside where !defects.contains(defect) { defects.append(defect) }
            for defect in inside where !found.contains(defect) { found.append(defect) }
            // As deep as `MessageLimits.nestingDepthMax`.
            let inner = part.children.map { Body($0, in: bytes, defects: &found) }
            parts = inner.isEmpty ? nil : inner
        }
    }

    /// A file in a text.
    struct File: Encodable {
        var kind: EmbeddedFile.Kind
        var filename: String
        /// Octets of the lines from the file's first to its last.
        var size: Int
        var decodedSize: Int
        /// Of the decoded octets.
        var sha256: String
        /// Which part of a file in several messages it is.
        var part: Nullable<Int>
        var defects: [MessageDefect]

        enum CodingKeys: String, CodingKey {
            case kind, filename, size
            case decodedSize = "decoded_size"
            case sha256, part, defects
        }

        init(_ file: EmbeddedFile, in bytes: MessageBytes) {
            let decoding = file.decoding(in: bytes)
            kind = file.kind
            filename = file.name
            size = file.range.count
            decodedSize = decoding.octets.count
            sha256 = Digest.sha256Hex(decoding.octets)
            part = Nullable(file.partNumber)
            defects = decoding.defects
        }
    }
}
