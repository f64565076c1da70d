// SPDX-License-Identifier: MIT

/// Finds a member of a JSON object as it was written, so that it can be passed on octet for octet.
enum RawMember {
    /// Where the value of member `key` stands in `json`, which a decoder has found to be a valid object. Nil
    /// where there is no such member or its value is no object.
    static func object(_ key: String, in json: [UInt8]) -> Range<Int>? {
        var depth = 0
        var at = 0
        while at < json.count {
            switch json[at] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let end = stringEnd(json, at)
                let colon = skipSpace(json, end)
                // At this depth only a member's name has a colon behind it.
                if depth == 1, colon < json.count, json[colon] == UInt8(ascii: ":"),
                    json[(at + 1)..<max(at + 1, end - 1)].elementsEqual(key.utf8)
                {
                    return objectRange(json, skipSpace(json, colon + 1))
                }
                at = end
                continue
            default: break
            }
            at += 1
        }
        return nil
    }

    private static func objectRange(_ json: [UInt8], _ start: Int) -> Range<Int>? {
        guard start < json.count, json[start] == UInt8(ascii: "{") else { return nil }
        var depth = 0
        var at = start
        while at < json.count {
            switch json[at] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return start..<(at + 1) }
            case UInt8(ascii: "\""):
                at = stringEnd(json, at)
                continue
            default: break
            }
            at += 1
        }
        return nil
    }

    /// Behind the closing quote of the string that begins at `start`; the end where there is none.
    private static func stringEnd(_ json: [UInt8], _ start: Int) -> Int {
        var at = start + 1
        while at < json.count, json[at] != UInt8(ascii: "\"") {
            at += json[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(at + 1, json.count)
    }

    private static func skipSpace(_ json: [UInt8], _ start: Int) -> Int {
        var at = start
        while at < json.count, [0x20, 0x09, 0x0A, 0x0D].contains(json[at]) { at += 1 }
        return at
    }
}
