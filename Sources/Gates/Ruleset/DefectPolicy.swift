// SPDX-License-Identifier: MIT

package import Mail

/// What it leads to that a message can be read in two ways, or has another defect in its form.
package enum DefectPolicy: String, Codable, Hashable, Sendable, CaseIterable {
    /// A line in the trail.
    case note
    /// The message is written anew so that every reader sees what we saw; where that can't be done, it is
    /// held. Signatures over what changes break.
    case rewrite
    /// The message waits for a person.
    case hold
    /// `554 5.6.0`.
    case reject
}

/// The policy of each defect that has one.
package struct DefectPolicies: Codable, Hashable, Sendable {
    /// By `MessageDefect`'s raw value.
    private var policies: [String: DefectPolicy] = [:]

    package init() {}

    package subscript(_ defect: MessageDefect) -> DefectPolicy? {
        get { policies[defect.rawValue] }
        set { policies[defect.rawValue] = newValue }
    }

    package var isEmpty: Bool { policies.isEmpty }

    /// Whether bodies must be decoded to find them all.
    package var needsDecoding: Bool {
        MessageDefect.decodingDefects.contains { self[$0] != nil }
    }

    /// The strongest policy of `defects`, and those that it is of.
    package func ruling(on defects: [MessageDefect]) -> (policy: DefectPolicy, defects: [MessageDefect])? {
        for policy in DefectPolicy.allCases.reversed() {
            let found = defects.filter { self[$0] == policy }
            if !found.isEmpty { return (policy, found) }
        }
        return nil
    }
}
