// SPDX-License-Identifier: MIT

/// A capability that other servers have and this language refuses on purpose. docs/sieve-extensions.md says
/// the same of each.
struct RefusedCapability: Sendable {
    let name: String
    /// Behind "is not supported: ".
    let why: String
    /// What to do instead.
    let help: String

    private static let noStore = "this gateway has no mail store"
    private static let fileinto = "use fileinto: folders are mapped to what becomes of the message"
    private static let noPrograms = "scripts start no programs here"
    private static let scanners = "have a scanner look at every message, and test its mark"
    private static let unclear = "what it does is documented nowhere that we could rely on"

    static let all: [RefusedCapability] = [
        .init(name: "convert", why: "it rewrites media formats", help: "replace or extract parts instead"),
        .init(
            name: "fcc", why: "it files copies of what a script sends, and \(noStore)",
            help: "use capture or redirect :copy"),
        .init(
            name: "forward", why: unclear,
            help: "use redirect; its envelope sender is configured, or set by "
                + "setenvelopefrom"),
        .init(name: "imapflags", why: "it is an old draft", help: "use imap4flags (RFC 5232)"),
        .init(name: "imapsieve", why: "it is about events of an IMAP server", help: "remove it"),
        .init(
            name: "loop", why: unclear, help: "redirect looks after loops by itself"),
        .init(name: "mailboxid", why: noStore, help: fileinto),
        .init(name: "mboxmetadata", why: noStore, help: "use mailbox, special-use or environment"),
        .init(
            name: "memcache", why: "it reaches a server that nobody else here knows",
            help: "use metermaid: a meter may be kept in Redis"),
        .init(name: "nosetreturn", why: unclear, help: "leave it out: nothing sets RET but redirect :ret"),
        .init(name: "notify", why: "it is an old draft", help: "use enotify (RFC 5435)"),
        .init(name: "processcalendar", why: "this gateway keeps no calendars", help: "remove it"),
        .init(name: "servermetadata", why: noStore, help: "use environment"),
        .init(
            name: "setdate", why: "the Date field is its author's, and signatures cover it",
            help: "use addheader for a field of your own"),
        .init(
            name: "setmtpriority", why: "no priority is kept or handed on (RFC 6710)",
            help: "give urgent mail a channel of its own"),
        .init(name: "setnotify", why: "it changes what the sender wished", help: "use redirect :notify"),
        .init(
            name: "setoptin1", why: "this gateway calls no spam filter that takes options",
            help: "say in the scanner's own rules for whom it scans"),
        .init(name: "setreturn", why: "it changes what the sender wished", help: "use redirect :ret"),
        .init(name: "snooze", why: noStore, help: "hold keeps a message until a person decides"),
        .init(name: "vnd.cyrus.implicit_keep_target", why: noStore, help: fileinto),
        .init(name: "vnd.cyrus.jmapquery", why: noStore, help: "use the tests of RFC 5228"),
        .init(name: "vnd.cyrus.log", why: "it is another server's", help: "use vnd.dovecot.debug"),
        .init(name: "vnd.dovecot.config", why: "it is another server's", help: "use environment"),
        .init(name: "vnd.dovecot.duplicate", why: "it is an old draft", help: "use duplicate"),
        .init(name: "vnd.dovecot.execute", why: noPrograms, help: scanners),
        .init(name: "vnd.dovecot.filter", why: noPrograms, help: scanners),
        .init(name: "vnd.dovecot.pipe", why: noPrograms, help: "use redirect :copy"),
        .init(
            name: "vnd.stalwart.expressions", why: "it is another language",
            help: "use variables and relational"),
        .init(name: "vnd.stalwart.while", why: "a script here always ends", help: "use foreverypart"),
    ]

    private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    static func named(_ name: String) -> RefusedCapability? { byName[name] }
}
