// SPDX-License-Identifier: MIT

internal import Mail

extension LookupFrame {
    /// Whether the lookups role has anything to do with it; the other kinds are answered where they are
    /// asked.
    static func carries(_ question: Question) -> Bool {
        switch question {
        // Which keys there are is answered from the ruleset alone.
        case .database(let question): !question.wantsKeys
        case .dns, .sequence, .directory, .meter, .recipient, .memory, .identity, .script: true
        case .callout, .scan, .time, .dice: false
        }
    }

    /// Only what `carries` says is written so that it can be read again.
    static func write(_ question: Question, secret: [UInt8]?, to payload: inout FrameWriter) {
        switch question {
        case .dns(let question):
            payload.octet(
                UInt8(DNSQuestion.RecordType.allCases.firstIndex(of: question.type) ?? 0))
            for octet in question.name.utf8 { payload.octet(octet) }
        case .sequence(let question):
            payload.octet(Code.sequence)
            payload.text(question.name)
            payload.optional(question.modulus) { $0.number($1) }
        case .database(let question):
            payload.octet(Code.database)
            payload.text(question.database)
            payload.text(question.key)
        case .directory(let question):
            payload.octet(Code.directory)
            payload.text(question.directory)
            payload.text(question.base)
            payload.octet(UInt8(DirectoryQuestion.Scope.allCases.firstIndex(of: question.scope) ?? 0))
            payload.text(question.filter)
            payload.texts(question.attributes)
        case .meter(let question):
            payload.octet(Code.meter)
            write(question, to: &payload)
        case .recipient(let question):
            payload.octet(Code.recipient)
            payload.text(question.channel)
            payload.text(question.recipient.description)
        case .memory(let question):
            payload.octet(Code.memory)
            write(question, to: &payload)
        case .identity(let question):
            payload.octet(Code.identity)
            payload.text(question.mechanism)
            payload.text(question.identity)
            payload.text(question.client?.description ?? "")
            payload.optional(secret) { $0.bytes($1) }
        case .script(let question):
            payload.octet(Code.script)
            payload.text(question.store)
            payload.text(question.path)
        case .callout, .scan, .time, .dice:
            payload.octet(Code.unavailable)
        }
    }

    private static func write(_ question: MeterQuestion, to payload: inout FrameWriter) {
        payload.text(question.table)
        payload.text(question.key)
        switch question.operation {
        case .throttle: payload.octet(0)
        case .greylist: payload.octet(1)
        case .query: payload.octet(2)
        case .adjust(let amount):
            payload.octet(3)
            payload.number(amount)
        case .store(let value):
            payload.octet(4)
            payload.text(value)
        case .fetch: payload.octet(5)
        case .remove: payload.octet(6)
        }
    }

    private static func write(_ question: MemoryQuestion, to payload: inout FrameWriter) {
        payload.octet(UInt8(MemoryQuestion.Purpose.allCases.firstIndex(of: question.purpose) ?? 0))
        payload.text(question.owner)
        payload.text(question.key)
    }

    static func write(_ effect: Effect, _ key: EffectKey, to payload: inout FrameWriter) {
        payload.text(key.message)
        payload.word(UInt32(clamping: key.index))
        switch effect {
        case .remember(let question, let seconds):
            payload.octet(0)
            write(question, to: &payload)
            payload.number(Int64(seconds))
        }
    }

    // MARK: Reading

    static func name(_ octets: ArraySlice<UInt8>, _ code: UInt8) -> Errand? {
        let types = DNSQuestion.RecordType.allCases
        guard !octets.isEmpty, Int(code) < types.count else { return nil }
        return DNSQuestion(name: String(decoding: octets, as: UTF8.self), type: types[Int(code)])
            .map { .ask(.dns($0), secret: nil) }
    }

    static func question(_ code: UInt8, _ reader: inout FrameReader) -> Errand? {
        if code == Code.identity { return identity(&reader) }
        let question: Question?
        switch code {
        case Code.sequence: question = sequence(&reader).map(Question.sequence)
        case Code.database: question = database(&reader).map(Question.database)
        case Code.directory: question = directory(&reader).map(Question.directory)
        case Code.meter: question = meter(&reader).map(Question.meter)
        case Code.recipient: question = recipient(&reader).map(Question.recipient)
        case Code.memory: question = memory(&reader).map(Question.memory)
        case Code.script: question = script(&reader).map(Question.script)
        default: question = nil
        }
        return question.map { .ask($0, secret: nil) }
    }

    static func effect(_ reader: inout FrameReader) -> Errand? {
        guard let judgedAt = reader.number(), let message = reader.text(), let index = reader.word(),
            reader.octet() == 0,
            let question = memory(&reader), let seconds = reader.number(),
            let key = EffectKey(message: message, index: Int(index))
        else { return nil }
        return .carryOut(.remember(question, seconds: Int(seconds)), key, judgedAt: judgedAt)
    }

    private static func sequence(_ reader: inout FrameReader) -> SequenceQuestion? {
        guard let name = reader.text(), let modulus = reader.optional({ $0.number() }) else { return nil }
        return SequenceQuestion(name: name, modulus: modulus)
    }

    private static func database(_ reader: inout FrameReader) -> DatabaseQuestion? {
        guard let database = reader.text(), let key = reader.text() else { return nil }
        return DatabaseQuestion(database: database, key: key)
    }

    private static func script(_ reader: inout FrameReader) -> ScriptQuestion? {
        guard let store = reader.text(), let path = reader.text() else { return nil }
        return ScriptQuestion(store: store, path: path)
    }

    private static func directory(_ reader: inout FrameReader) -> DirectoryQuestion? {
        let scopes = DirectoryQuestion.Scope.allCases
        guard let directory = reader.text(), let base = reader.text(), let scope = reader.octet(),
            Int(scope) < scopes.count, let filter = reader.text(), let attributes = reader.texts()
        else { return nil }
        return DirectoryQuestion(
            directory: directory, base: base, scope: scopes[Int(scope)], filter: filter,
            attributes: attributes)
    }

    private static func meter(_ reader: inout FrameReader) -> MeterQuestion? {
        guard let table = reader.text(), let key = reader.text() else { return nil }
        let operation: MeterQuestion.Operation?
        switch reader.octet() {
        case 0: operation = .throttle
        case 1: operation = .greylist
        case 2: operation = .query
        case 3: operation = reader.number().map { .adjust(by: $0) }
        case 4: operation = reader.text().map { .store($0) }
        case 5: operation = .fetch
        case 6: operation = .remove
        default: operation = nil
        }
        return operation.map { MeterQuestion(table: table, key: key, operation: $0) }
    }

    private static func recipient(_ reader: inout FrameReader) -> RecipientQuestion? {
        guard let channel = reader.text(), let address = reader.text().flatMap({ Address($0) }) else {
            return nil
        }
        return RecipientQuestion(channel: channel, recipient: address)
    }

    private static func memory(_ reader: inout FrameReader) -> MemoryQuestion? {
        let purposes = MemoryQuestion.Purpose.allCases
        guard let purpose = reader.octet(), Int(purpose) < purposes.count, let owner = reader.text(),
            let key = reader.text()
        else { return nil }
        return MemoryQuestion(purpose: purposes[Int(purpose)], owner: owner, key: key)
    }

    private static func identity(_ reader: inout FrameReader) -> Errand? {
        guard let mechanism = reader.text(), let identity = reader.text(), let client = reader.text(),
            let secret = reader.optional({ $0.bytes() })
        else { return nil }
        return .ask(
            .identity(
                IdentityQuestion(mechanism: mechanism, identity: identity, client: IPAddress(client))),
            secret: secret)
    }
}
