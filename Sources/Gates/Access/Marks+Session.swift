// SPDX-License-Identifier: MIT

extension Marks {
    /// What holds for a message of a session whose connection gate handed this on and whose sender gate
    /// handed on `sender`: of a connection's marks, those that concern each of its messages.
    package func forMessage(sender: Marks) -> Marks {
        var marks = self
        marks.sourceChannel = nil
        marks.authenticationRules = nil
        marks.client = nil
        marks.consequences = Consequences()
        marks.formUnion(sender)
        return marks
    }
}
