// SPDX-License-Identifier: MIT

internal import Mail

extension SizeTest {
    /// The octets of the message as it is now; one of just the limit is neither over nor under it.
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let octets = execution.edition?.octets ?? execution.subject.message.bytes.count
        return isOver ? octets > limitOctets : octets < limitOctets
    }
}
