// SPDX-License-Identifier: MIT

/// The slots of the header fields that a script names, while it is compiled.
struct FieldSlots: Sendable {
    /// All of them, by the name in lower case; filled once looking through the names would take longer.
    private var slots: [String: Int] = [:]
    /// The names in lower case, by slot.
    private var octets: [[UInt8]] = []
    /// For a mark of a name, the slot that was last found under it; below 0 none. Scripts name a few fields
    /// again and again.
    private var near = [Int32](repeating: -1, count: 64)

    /// As many names are looked through.
    private static let walkedMax = 16

    /// The slot of a name, if it is among the last ones; nil says nothing.
    func recent(_ name: ArraySlice<UInt8>) -> Int? {
        let slot = Int(near[Self.mark(name)])
        guard slot >= 0, octets[slot].count == name.count else { return nil }
        let found = octets[slot].withUnsafeBufferPointer { known in
            name.withUnsafeBufferPointer { name in
                for place in 0..<known.count where Self.lower(name[place]) != known[place] { return false }
                return true
            }
        }
        return found ? slot : nil
    }

    /// The slot of a name; a new one behind `names` where it has none yet.
    mutating func slot(_ name: ArraySlice<UInt8>, _ names: inout [String]) -> Int {
        let lower = name.map(Self.lower)
        let slot: Int
        if names.count <= Self.walkedMax, let found = octets.firstIndex(of: lower) {
            slot = found
        } else if names.count > Self.walkedMax, let found = slots[String(decoding: lower, as: UTF8.self)] {
            slot = found
        } else {
            let folded = String(decoding: lower, as: UTF8.self)
            slot = names.count
            names.append(folded)
            octets.append(lower)
            if names.count == Self.walkedMax + 1 {
                for (slot, name) in names.enumerated() { slots[name] = slot }
            } else if names.count > Self.walkedMax {
                slots[folded] = slot
            }
        }
        near[Self.mark(name)] = Int32(clamping: slot)
        return slot
    }

    private static func lower(_ octet: UInt8) -> UInt8 {
        octet &- UInt8(ascii: "A") < 26 ? octet | 0x20 : octet
    }

    private static func mark(_ name: ArraySlice<UInt8>) -> Int {
        guard let first = name.first, let last = name.last else { return 0 }
        return (name.count &+ Int(first & 0x1F) &* 3 &+ Int(last & 0x1F) &* 7) & 63
    }
}
