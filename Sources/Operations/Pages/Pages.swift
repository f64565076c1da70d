// SPDX-License-Identifier: MIT

internal import NIOCore
internal import NIOHTTP1
internal import Telemetry

/// What there is to see, by method and path. Nothing here changes anything. Belongs to its event loop.
final class Pages {
    private let health: HealthSource
    private let countersFolder: String
    private let loop: any EventLoop

    init(health: HealthSource, countersFolder: String, loop: any EventLoop) {
        self.health = health
        self.countersFolder = countersFolder
        self.loop = loop
    }

    func answer(_ request: HTTPRequestHead) -> EventLoopFuture<PageAnswer> {
        if let refusal = refusal(of: request) { return loop.makeSucceededFuture(refusal) }
        let page = page(of: request.uri)
        guard page == "/metrics" || page == "/health" else {
            return loop.makeSucceededFuture(
                .refusal(.notFound, "There is nothing here; see /metrics and /health."))
        }
        guard request.method == .GET || request.method == .HEAD else {
            return loop.makeSucceededFuture(
                .refusal(.methodNotAllowed, "This page is for reading only.", allow: "GET, HEAD"))
        }
        return page == "/metrics" ? metrics() : healthPage()
    }

    /// RFC 9112 §3.2: a request of HTTP/1.1 has exactly one Host field.
    private func refusal(of request: HTTPRequestHead) -> PageAnswer? {
        guard request.version == .http1_1, request.headers["host"].count != 1 else { return nil }
        return .refusal(.badRequest, "The request needs one Host field.")
    }

    /// The path without its query. RFC 9112 §3.2.2 has servers take the absolute form too.
    private func page(of target: String) -> String {
        var octets = Array(target.utf8)[...]
        let scheme = Array("http://".utf8)
        if octets.starts(with: scheme) {
            octets = octets.dropFirst(scheme.count).drop {
                $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?")
            }
        }
        return String(decoding: octets.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
    }

    private func metrics() -> EventLoopFuture<PageAnswer> {
        let counters = CounterPage.sum(folder: countersFolder)
        return health.current().map(\.roles)
            // Counters are worth having while the dispatcher is silent; `postern_role_up` is then absent.
            .recover { _ in [] }
            .map { roles in
                PageAnswer(
                    status: .ok, contentType: MetricsPage.contentType,
                    body: MetricsPage.text(counters: counters, roles: roles))
            }
    }

    private func healthPage() -> EventLoopFuture<PageAnswer> {
        health.current().map { HealthPage($0) }
            .recover { error in
                let reason = (error as? OperationsError)?.message
                return HealthPage(unknown: reason ?? "the dispatcher's answer is no status")
            }
            .map { page in
                PageAnswer(
                    status: page.isOK ? .ok : .serviceUnavailable, contentType: "application/json",
                    body: page.json + "\n")
            }
    }
}
