// SPDX-License-Identifier: MIT

internal import CUnbound
internal import Glibc
internal import Mail

/// libunbound: validating, caching, asynchronous. One context, used by one thread; the library's own worker
/// thread does the asking, and `descriptor` becomes readable when answers wait.
final class Resolver {
    private let context: OpaquePointer

    /// What a callback gets back: whom to tell. Retained while the look-up is under way.
    private final class Pending {
        let type: DNSQuestion.RecordType
        let finish: (DNSAnswer) -> Void

        init(type: DNSQuestion.RecordType, finish: @escaping (DNSAnswer) -> Void) {
            self.type = type
            self.finish = finish
        }
    }

    init(settings: LookupSettings) throws(LookupError) {
        guard let context = ub_ctx_create() else { throw LookupError("libunbound: no memory for a context") }
        self.context = context
        // The order matters: options, forwarders and async before anything that finishes the context.
        try Self.check(ub_ctx_async(context, 1), "asynchronous look-ups")
        try Self.check(
            ub_ctx_set_option(context, "do-not-query-localhost:", "no"), "asking servers on loopback")
        if settings.servers.isEmpty {
            // Without a resolv.conf the root servers are asked.
            if access("/etc/resolv.conf", R_OK) == 0 {
                try Self.check(ub_ctx_resolvconf(context, nil), "/etc/resolv.conf")
            }
        }
        for server in settings.servers {
            try Self.check(ub_ctx_set_fwd(context, server), "dns.servers \(server)")
        }
        if let path = settings.trustAnchorPath {
            try Self.check(ub_ctx_add_ta_file(context, path), "trust anchor file \(path)")
        }
        for zone in settings.localZones {
            try Self.check(ub_ctx_zone_add(context, zone, "static"), "dns.local_zones \(zone)")
        }
        for record in settings.localData {
            try Self.check(ub_ctx_data_add(context, record), "dns.local_data \"\(record)\"")
        }
    }

    deinit { ub_ctx_delete(context) }

    /// Readable when `process` has something to do.
    var descriptor: Int32 { ub_fd(context) }

    func process() { ub_process(context) }

    /// `finish` is called from `process`, once.
    func resolve(_ question: DNSQuestion, finish: @escaping (DNSAnswer) -> Void) {
        let pending = Unmanaged.passRetained(Pending(type: question.type, finish: finish))
        let callback: ub_callback_type = { data, error, result in
            guard let data else { return }
            let pending = Unmanaged<Pending>.fromOpaque(data).takeRetainedValue()
            pending.finish(Resolver.answer(error, result, type: pending.type))
            if let result { ub_resolve_free(result) }
        }
        let code = ub_resolve_async(
            context, question.name, Self.number(question.type), 1, pending.toOpaque(), callback, nil)
        guard code != 0 else { return }
        pending.release()
        finish(.failed("libunbound: \(Self.text(code))"))
    }

    private static func answer(
        _ error: Int32, _ result: UnsafeMutablePointer<ub_result>?, type: DNSQuestion.RecordType
    ) -> DNSAnswer {
        guard error == 0, let found = result?.pointee else { return .failed("libunbound: \(text(error))") }
        if found.bogus != 0 {
            return .failed(
                "DNSSEC validation failed: \(found.why_bogus.map { String(cString: $0) } ?? "no reason")")
        }
        let ttl = Int(max(0, found.ttl))
        if found.nxdomain != 0 { return .noSuchName(ttlSeconds: ttl) }
        guard found.rcode == 0 else { return .failed(rcode(found.rcode)) }
        guard found.havedata != 0, let data = found.data, let lengths = found.len else {
            return .noData(ttlSeconds: ttl)
        }
        var records: [String] = []
        var index = 0
        while index < DNSAnswer.recordsMax, let bytes = data[index] {
            let buffer = UnsafeRawBufferPointer(start: bytes, count: Int(max(0, lengths[index])))
            if let text = RecordText.text(buffer, type: type) { records.append(text) }
            index += 1
        }
        return records.isEmpty ? .noData(ttlSeconds: ttl) : .records(records, ttlSeconds: ttl)
    }

    private static func rcode(_ code: Int32) -> String {
        switch code {
        case 1: "FORMERR"
        case 2: "SERVFAIL"
        case 4: "NOTIMP"
        case 5: "REFUSED"
        default: "rcode \(code)"
        }
    }

    private static func number(_ type: DNSQuestion.RecordType) -> Int32 {
        switch type {
        case .a: 1
        case .cname: 5
        case .ptr: 12
        case .mx: 15
        case .txt: 16
        case .aaaa: 28
        case .tlsa: 52
        }
    }

    private static func check(_ code: Int32, _ what: String) throws(LookupError) {
        guard code == 0 else { throw LookupError("\(what): \(text(code))") }
    }

    private static func text(_ code: Int32) -> String {
        ub_strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

/// The lookups role can't work as it is configured.
package struct LookupError: Error, CustomStringConvertible {
    package let description: String

    init(_ text: String) { description = text }
}
