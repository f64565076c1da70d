// SPDX-License-Identifier: MIT

internal import Mail

/// A script being run on one message: where it is, what it has read so far, what it has decided so far. A
/// value; what a test reads of the message is decoded once and kept.
struct Execution: Sendable {
    let script: Script
    let subject: SieveSubject
    private let limits: SieveLimits
    private(set) var actions: [SieveAction] = []
    private(set) var implicitKeep = true
    /// The command that cancelled the implicit keep.
    private(set) var decidedBy: RulePlace?
    /// What was decided, for the trail, in the order of the script.
    private(set) var decisions: [Decision] = []
    private(set) var fault: RuntimeFault?
    var budget: MatchBudget

    private var position = 0
    private var register = false
    private var executed = 0
    private var headerOctets = 0
    private var fields: [FieldSlot]
    private var envelope: [EnvelopeTest.Side: FieldAddress?] = [:]

    struct Decision: Sendable {
        var action: SieveAction
        /// The line of the `if` or `elsif` in whose block it stands; 0 where it stands in none.
        var conditionLine: Int
    }

    /// What is known of the fields of one name; nil where nobody asked yet.
    private struct FieldSlot: Sendable {
        var found: [HeaderBlock.Field]?
        var values: [FieldValue]?
        var addresses: [FieldAddress]?
    }

    init(script: Script, subject: SieveSubject, limits: SieveLimits) {
        self.script = script
        self.subject = subject
        self.limits = limits
        budget = MatchBudget(limits: limits)
        fields = Array(repeating: FieldSlot(), count: script.program.fieldNames.count)
    }

    // MARK: The loop

    /// Runs to the end, or to a fault; both last.
    mutating func run() {
        guard fault == nil else { return }
        do throws(RuntimeFault) {
            while position < script.program.instructions.count { try step() }
        } catch {
            fault = error
        }
    }

    /// Where the current instruction stands in the script.
    var place: RulePlace { RulePlace(file: script.name, line: line) }

    private var line: Int {
        let origins = script.program.origins
        return position < origins.count ? Int(origins[position].line) : 1
    }

    private mutating func step() throws(RuntimeFault) {
        executed += 1
        if executed > limits.instructionsMax {
            throw RuntimeFault("the script executed more than \(limits.instructionsMax) instructions")
        }
        switch script.program.instructions[position] {
        case .test(let test): register = try test.holds(&self)
        case .constant(let truth): register = truth
        case .negate: register.toggle()
        case .command(let command): try command.perform(&self)
        case .stop: return position = script.program.instructions.count
        case .jump(let target): return position = target
        case .jumpIfTrue(let target): if register { return position = target }
        case .jumpIfFalse(let target): if !register { return position = target }
        }
        position += 1
    }

    // MARK: Actions (RFC 5228 §2.10)

    /// Takes an action, unless it was taken before. Throws where it can't stand beside an earlier one, and
    /// beyond the limits.
    mutating func take(_ kind: SieveAction.Kind) throws(RuntimeFault) {
        let place = place
        for earlier in actions where ActionInteraction.conflict(earlier.kind, kind) {
            throw RuntimeFault(
                "\(kind.name) can't be combined with the \(earlier.kind.name) in line \(earlier.place.line)")
        }
        if ActionInteraction.cancelsImplicitKeep(kind), implicitKeep {
            implicitKeep = false
            decidedBy = place
        }
        if let index = actions.firstIndex(where: { ActionInteraction.same($0.kind, kind) }) {
            // A repetition that isn't a copy makes the first one none either.
            actions[index].kind = ActionInteraction.merged(actions[index].kind, kind)
            return
        }
        if actions.count >= limits.actionsMax {
            throw RuntimeFault("the total number of actions exceeds the limit of \(limits.actionsMax)")
        }
        if case .redirect = kind {
            let redirects = actions.count { if case .redirect = $0.kind { true } else { false } }
            if redirects >= limits.redirectsMax {
                throw RuntimeFault(
                    "the number of redirect actions exceeds the limit of \(limits.redirectsMax)")
            }
        }
        let action = SieveAction(kind: kind, place: place)
        actions.append(action)
        decisions.append(
            Decision(action: action, conditionLine: Int(script.program.origins[position].conditionLine)))
    }

    // MARK: What tests read of the message

    /// Whether a field of that slot's name exists.
    mutating func exists(_ slot: Int) -> Bool { !found(slot).isEmpty }

    /// The values of every field of that slot's name: unfolded, encoded words decoded (RFC 2047), in UTF-8,
    /// without white space at either end.
    mutating func values(_ slot: Int) throws(RuntimeFault) -> [FieldValue] {
        if let values = fields[slot].values { return values }
        var values: [FieldValue] = []
        for field in found(slot) {
            try spend(headerOctets: field.body.count)
            let text = subject.message.header.decoded(field, in: subject.message.bytes)
            values.append(FieldValue(Self.trimmed(Array(text.utf8))))
        }
        fields[slot].values = values
        return values
    }

    /// The addresses in every field of that slot's name.
    mutating func addresses(_ slot: Int) throws(RuntimeFault) -> [FieldAddress] {
        if let addresses = fields[slot].addresses { return addresses }
        var addresses: [FieldAddress] = []
        for field in found(slot) {
            try spend(headerOctets: field.body.count)
            addresses += FieldAddress.list(field, of: subject.message)
        }
        fields[slot].addresses = addresses
        return addresses
    }

    /// Nil where the envelope has no such address. The null reverse-path is an address of empty parts.
    mutating func envelopeAddress(_ side: EnvelopeTest.Side) -> FieldAddress? {
        if let known = envelope[side] { return known }
        let address: FieldAddress? =
            switch side {
            case .from: subject.sender.map(FieldAddress.init) ?? .null
            case .to: subject.recipient.map(FieldAddress.init)
            }
        envelope[side] = .some(address)
        return address
    }

    private mutating func found(_ slot: Int) -> [HeaderBlock.Field] {
        if let found = fields[slot].found { return found }
        let found = subject.message.header.fields(named: script.program.fieldNames[slot])
        fields[slot].found = found
        return found
    }

    private mutating func spend(headerOctets octets: Int) throws(RuntimeFault) {
        headerOctets += octets
        if headerOctets > limits.headerOctetsMax {
            throw RuntimeFault("the tests read more than \(limits.headerOctetsMax) octets of header fields")
        }
    }

    private static func trimmed(_ octets: [UInt8]) -> [UInt8] {
        func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || (0x09...0x0D).contains(octet) }
        guard let first = octets.firstIndex(where: { !isSpace($0) }),
            let last = octets.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return first == 0 && last == octets.count - 1 ? octets : Array(octets[first...last])
    }
}
