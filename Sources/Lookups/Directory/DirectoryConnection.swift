// SPDX-License-Identifier: MIT

internal import CLDAP
internal import Glibc
internal import Mail

/// One connection to an LDAP server, by libldap. Belongs to one thread; every call ends at its deadline.
///
/// libldap reads no configuration of the machine (`prepare`), follows no referral, and takes no message
/// longer than `DirectoryLimits.messageOctetsMax`.
final class DirectoryConnection {
    let server: String
    /// What was asked last isn't answered to its end: the rest would come in place of the next answer.
    private(set) var isSpent = false
    private let handle: OpaquePointer
    private let descriptor: OpenDescriptor

    private enum Act: String {
        case connecting, binding, searching
        case startTLS = "StartTLS"
        case handshake = "the TLS handshake"
    }

    /// Once, before any connection and any other thread: an `ldap.conf`, a `.ldaprc` or a variable of the
    /// environment would change whom we trust.
    static func prepare() { setenv("LDAPNOINIT", "1", 1) }

    /// Once, on each thread that has connections: libldap writes to sockets that a server may have closed,
    /// and the signal for that would end the process.
    static func shieldThread() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Connects, and starts TLS where that is wanted. `descriptor` is where another thread may cut it.
    init(
        server: String, settings: DirectorySettings, descriptor: OpenDescriptor, deadlineMs: Int64
    ) throws(DirectoryFailure) {
        var made: OpaquePointer?
        guard ldap_initialize(&made, server) == LDAP_SUCCESS, let handle = made else {
            throw .gone("\(server): it is no LDAP server's URL")
        }
        self.server = server
        self.handle = handle
        self.descriptor = descriptor
        do throws(DirectoryFailure) {
            try prepare(settings, deadlineMs: deadlineMs)
            let secures = server.hasPrefix("ldaps://")
            try check(ldap_connect(handle), .connecting, said: secures ? Self.doubt(settings) : "")
            expose()
            if settings.startsTLS, server.hasPrefix("ldap://") {
                try startTLS(settings, deadlineMs: deadlineMs)
            }
        } catch {
            close()
            throw error
        }
    }

    /// Ends it. Nothing else may be called after.
    func close() {
        descriptor.close()
        ldap_unbind_ext_s(handle, nil, nil)
    }

    // MARK: Asking

    /// Simple bind (RFC 4513 §5.1). The secret must not be empty where `name` isn't: that would be a bind as
    /// nobody (§5.1.2).
    func bind(_ name: String, secret: [UInt8], deadlineMs: Int64) throws(DirectoryFailure) {
        guard name.isEmpty || !secret.isEmpty else { throw .wrongSecret }
        try limit(deadlineMs)
        var message: Int32 = 0
        var secret = secret.map { CChar(bitPattern: $0) }
        let code = secret.withUnsafeMutableBufferPointer { buffer in
            var credential = berval(bv_len: ber_len_t(buffer.count), bv_val: buffer.baseAddress)
            return ldap_sasl_bind(handle, name, nil, &credential, nil, nil, &message)
        }
        explicit_bzero(&secret, secret.count)
        try check(code, .binding)
        try result(of: message, .binding, deadlineMs: deadlineMs)
    }

    /// At most `DirectoryAnswer.entriesMax` entries; none is no failure.
    func search(
        _ question: DirectoryQuestion, base: String, deadlineMs: Int64
    ) throws(DirectoryFailure) -> [DirectoryEntry] {
        let message = try begin(question, base: base, deadlineMs: deadlineMs)
        var reading = EntryReading(handle: handle, attributes: question.attributes)
        for _ in 0..<DirectoryLimits.messagesMax {
            let found = try next(message, .searching, deadlineMs: deadlineMs)
            defer { ldap_msgfree(found) }
            switch ber_tag_t(ldap_msgtype(found)) {
            case ldapEntry: try reading.take(found)
            case ldapResult:
                isSpent = false
                try check(resultOf: found, .searching)
                return reading.entries
            default: break
            }
        }
        throw .gone("\(server): an answer of more than \(DirectoryLimits.messagesMax) messages")
    }

    private func begin(
        _ question: DirectoryQuestion, base: String, deadlineMs: Int64
    ) throws(DirectoryFailure) -> Int32 {
        try limit(deadlineMs)
        let scope =
            switch question.scope {
            case .base: LDAP_SCOPE_BASE
            case .one: LDAP_SCOPE_ONELEVEL
            case .sub: LDAP_SCOPE_SUBTREE
            }
        var message: Int32 = 0
        var time = Self.time(until: deadlineMs)
        // The server's own limit is in whole seconds; ours, below, is exact.
        time.tv_sec += 1
        time.tv_usec = 0
        let names = question.attributes.map { strdup($0) }
        defer { for name in names { free(name) } }
        var list = names + [nil]
        let code = list.withUnsafeMutableBufferPointer { list in
            ldap_search_ext(
                handle, base, Int32(scope), question.filter,
                question.attributes.isEmpty ? nil : list.baseAddress, 0, nil, nil, &time,
                Int32(DirectoryAnswer.entriesMax), &message)
        }
        guard code != LDAP_FILTER_ERROR else { throw .refused("the filter is malformed") }
        try check(code, .searching)
        isSpent = true
        return message
    }

    // MARK: Results

    /// The next message that answers `message`.
    private func next(
        _ message: Int32, _ act: Act, deadlineMs: Int64
    ) throws(DirectoryFailure) -> OpaquePointer {
        var time = Self.time(until: deadlineMs)
        var found: OpaquePointer?
        errno = 0
        let kind = ldap_result(handle, message, Int32(LDAP_MSG_ONE), &time, &found)
        let number = errno
        if kind == 0 || SenseTask.nowMs() >= deadlineMs && kind < 0 {
            throw .slow("\(server): \(act.rawValue) took too long")
        }
        guard kind > 0, let found else {
            // liblber says so where a message is longer than it may be.
            if number == ERANGE {
                throw .refused(
                    "\(server): an entry has more than \(DirectoryLimits.messageOctetsMax) octets")
            }
            throw .gone("\(server): \(act.rawValue): \(lastError())")
        }
        return found
    }

    private func result(
        of message: Int32, _ act: Act, deadlineMs: Int64
    ) throws(DirectoryFailure) {
        let found = try next(message, act, deadlineMs: deadlineMs)
        defer { ldap_msgfree(found) }
        try check(resultOf: found, act)
    }

    private func check(resultOf message: OpaquePointer, _ act: Act) throws(DirectoryFailure) {
        var code: Int32 = 0
        var text: UnsafeMutablePointer<CChar>?
        let parsed = ldap_parse_result(handle, message, &code, nil, &text, nil, nil, 0)
        defer { ldap_memfree(text) }
        guard parsed == LDAP_SUCCESS else { throw .gone("\(server): \(act.rawValue): \(Self.text(parsed))") }
        let said = text.map { Self.printable($0) } ?? ""
        try check(code, act, said: said)
    }

    /// What a result code means for us (RFC 4511 appendix A.2, and libldap's own below 0).
    private func check(_ code: Int32, _ act: Act, said: String = "") throws(DirectoryFailure) {
        let reason = "\(server): \(act.rawValue): \(Self.text(code))\(said.isEmpty ? "" : " (\(said))")"
        switch code {
        // With entries beyond the limit, those up to it are the answer.
        case LDAP_SUCCESS, LDAP_SIZELIMIT_EXCEEDED: return
        case LDAP_INVALID_CREDENTIALS, LDAP_INAPPROPRIATE_AUTH:
            if act == .binding { throw .wrongSecret }
            throw .refused(reason)
        case LDAP_TIMELIMIT_EXCEEDED, LDAP_ADMINLIMIT_EXCEEDED, LDAP_TIMEOUT: throw .slow(reason)
        case LDAP_SERVER_DOWN, LDAP_CONNECT_ERROR, LDAP_LOCAL_ERROR, LDAP_ENCODING_ERROR,
            LDAP_DECODING_ERROR, LDAP_BUSY, LDAP_UNAVAILABLE, LDAP_OTHER, LDAP_PROTOCOL_ERROR,
            LDAP_NO_MEMORY:
            throw .gone(reason)
        default: throw .refused(reason)
        }
    }

    // MARK: Setting up

    private func prepare(_ settings: DirectorySettings, deadlineMs: Int64) throws(DirectoryFailure) {
        try set(LDAP_OPT_PROTOCOL_VERSION, Int32(LDAP_VERSION3))
        // LDAP_OPT_OFF is a null pointer: what a server refers to is not followed.
        ldap_set_option(handle, LDAP_OPT_REFERRALS, nil)
        try set(LDAP_OPT_DEREF, Int32(LDAP_DEREF_NEVER))
        try limit(deadlineMs)
        var octetsMax = ber_len_t(DirectoryLimits.messageOctetsMax)
        var buffer: OpaquePointer?
        guard ldap_get_option(handle, LDAP_OPT_SOCKBUF, &buffer) == LDAP_OPT_SUCCESS, let buffer,
            ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &octetsMax) == 1
        else { throw .gone("\(server): libldap takes no limit for messages") }
        guard settings.startsTLS || server.hasPrefix("ldaps://") else { return }
        try set(LDAP_OPT_X_TLS_REQUIRE_CERT, Int32(LDAP_OPT_X_TLS_DEMAND))
        guard
            ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, settings.authoritiesPath)
                == LDAP_OPT_SUCCESS
        else { throw .gone("\(server): \(settings.authoritiesPath) can't be used for TLS") }
        // Makes the options count for this connection. They are read now, the file too.
        var isServer: Int32 = 0
        guard ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &isServer) == LDAP_OPT_SUCCESS else {
            throw .gone("\(server): the authorities in \(settings.authoritiesPath) can't be used")
        }
    }

    private func startTLS(_ settings: DirectorySettings, deadlineMs: Int64) throws(DirectoryFailure) {
        var message: Int32 = 0
        try check(ldap_start_tls(handle, nil, nil, &message), .startTLS)
        try result(of: message, .startTLS, deadlineMs: deadlineMs)
        try limit(deadlineMs)
        try check(ldap_install_tls(handle), .handshake, said: Self.doubt(settings))
    }

    /// libldap doesn't say what it has against a certificate.
    private static func doubt(_ settings: DirectorySettings) -> String {
        "if it is there: its certificate must come from \(settings.authoritiesPath) and name this host"
    }

    private func expose() {
        var number: Int32 = -1
        guard ldap_get_option(handle, LDAP_OPT_DESC, &number) == LDAP_OPT_SUCCESS, number >= 0 else { return }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        descriptor.open(number)
    }

    private func set(_ option: Int32, _ value: Int32) throws(DirectoryFailure) {
        var value = value
        guard ldap_set_option(handle, option, &value) == LDAP_OPT_SUCCESS else {
            throw .gone("\(server): libldap refuses option \(option)")
        }
    }

    /// What libldap does on its own, connecting and the TLS handshake, ends at the deadline too.
    private func limit(_ deadlineMs: Int64) throws(DirectoryFailure) {
        guard SenseTask.nowMs() < deadlineMs else { throw .slow("\(server): no time is left") }
        var time = Self.time(until: deadlineMs)
        for option in [LDAP_OPT_NETWORK_TIMEOUT, LDAP_OPT_TIMEOUT] {
            guard ldap_set_option(handle, option, &time) == LDAP_OPT_SUCCESS else {
                throw .gone("\(server): libldap refuses a time limit")
            }
        }
    }

    /// At least a millisecond: none at all means "for ever" here, and "now" there.
    private static func time(until deadlineMs: Int64) -> timeval {
        let ms = max(deadlineMs - SenseTask.nowMs(), 1)
        return timeval(tv_sec: Int(ms / 1_000), tv_usec: Int(ms % 1_000) * 1_000)
    }

    private func lastError() -> String {
        var code: Int32 = 0
        ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code)
        return Self.text(code)
    }

    private static func text(_ code: Int32) -> String {
        ldap_err2string(code).map { String(cString: $0) } ?? "error \(code)"
    }

    /// A server's own words, for a log: short, and nothing in them moves a cursor.
    private static func printable(_ text: UnsafePointer<CChar>) -> String {
        let octets = UnsafeRawBufferPointer(
            start: text, count: strnlen(text, DirectoryLimits.diagnosticOctetsMax))
        let shown = octets.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: shown, as: UTF8.self)
    }
}

/// LDAP_RES_SEARCH_ENTRY and LDAP_RES_SEARCH_RESULT, whose definitions Swift can't read.
private let ldapEntry: ber_tag_t = 0x64
private let ldapResult: ber_tag_t = 0x65
