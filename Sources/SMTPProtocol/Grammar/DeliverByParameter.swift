// SPDX-License-Identifier: MIT

package import Mail

/// `BY=<seconds>;<mode>[T]` of MAIL (RFC 2852 §4): a deadline as the client counts it.
package struct DeliverByParameter: Hashable, Sendable {
    /// From now; below 0 the time is over already.
    package let seconds: Int
    package let mode: DeliveryOptions.DeliverBy.Mode
    package let isTraced: Bool

    package init(seconds: Int, mode: DeliveryOptions.DeliverBy.Mode, isTraced: Bool) {
        self.seconds = seconds
        self.mode = mode
        self.isTraced = isTraced
    }

    /// RFC 2852 §4: at most nine digits, and a sign.
    private static let secondsMax: Int64 = 999_999_999

    /// `value` in upper case. Nil where it is malformed, or asks for a return at a time that is over (§4).
    static func parse(_ value: String) -> DeliverByParameter? {
        let parts = value.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let isNegative = parts[0].first == UInt8(ascii: "-")
        let digits = isNegative || parts[0].first == UInt8(ascii: "+") ? parts[0].dropFirst() : parts[0]
        guard (1...9).contains(digits.count), digits.allSatisfy(\.isDigit),
            let number = Int(String(decoding: digits, as: UTF8.self))
        else { return nil }
        let mode: DeliveryOptions.DeliverBy.Mode
        switch parts[1].first {
        case UInt8(ascii: "N"): mode = .notify
        case UInt8(ascii: "R"): mode = .return
        default: return nil
        }
        let rest = parts[1].dropFirst()
        guard rest.isEmpty || Array(rest) == [UInt8(ascii: "T")] else { return nil }
        guard mode == .notify || (number > 0 && !isNegative) else { return nil }
        return DeliverByParameter(
            seconds: isNegative ? -number : number, mode: mode, isTraced: !rest.isEmpty)
    }

    /// What is left of it at `now`, in seconds since 1970-01-01 UTC.
    package init(_ deliverBy: DeliveryOptions.DeliverBy, now: Int64) {
        let left = deliverBy.deadline.subtractingReportingOverflow(now)
        let clamped = left.overflow ? 0 : min(max(left.partialValue, -Self.secondsMax), Self.secondsMax)
        self.init(seconds: Int(clamped), mode: deliverBy.mode, isTraced: deliverBy.isTraced)
    }

    /// As it stands behind `BY=`.
    var text: String { "\(seconds);\(mode == .return ? "R" : "N")\(isTraced ? "T" : "")" }
}
