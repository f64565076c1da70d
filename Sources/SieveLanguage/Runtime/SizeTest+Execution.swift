// SPDX-License-Identifier: MIT

internal import Mail

extension SizeTest {
    /// The octets as received; a message of just the limit is neither over nor under it.
    func holds(_ execution: inout Execution) throws(RuntimeFault) -> Bool {
        let octets = execution.subject.message.bytes.count
        return isOver ? octets > limitOctets : octets < limitOctets
    }
}
