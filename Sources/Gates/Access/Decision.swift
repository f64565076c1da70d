// SPDX-License-Identifier: MIT

package import Mail

/// What the first three gates answer.
package enum Decision: Codable, Hashable, Sendable {
    case admit(Marks)
    /// 4yz or 5yz. At the connection gate it also closes the connection.
    case reject(Reply, Consequences = Consequences())

    package var rejection: Reply? {
        if case .reject(let reply, _) = self { reply } else { nil }
    }

    /// What it hands on; nil where it rejects.
    package var marks: Marks? {
        if case .admit(let marks) = self { marks } else { nil }
    }

    /// Of both ends: what is to be done besides.
    package var consequences: Consequences {
        switch self {
        case .admit(let marks): marks.consequences
        case .reject(_, let consequences): consequences
        }
    }
}
