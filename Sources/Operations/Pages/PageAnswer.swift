// SPDX-License-Identifier: MIT

internal import NIOHTTP1

/// One answer over HTTP, whole.
struct PageAnswer: Sendable {
    var status: HTTPResponseStatus
    var contentType = "text/plain; charset=utf-8"
    /// Methods to name in `Allow` (RFC 9110 §15.5.6 wants them with a 405).
    var allow: String?
    var body: String

    static func refusal(_ status: HTTPResponseStatus, _ text: String, allow: String? = nil) -> PageAnswer {
        PageAnswer(status: status, allow: allow, body: text + "\n")
    }

    /// For the octets of `body` or, where they are left out (HEAD), for what they would have been.
    func headers(isLast: Bool, version: HTTPVersion) -> HTTPHeaders {
        var headers = HTTPHeaders([
            ("content-type", contentType), ("content-length", "\(body.utf8.count)"),
            // What is shown is true now and not later; and nothing here is a page for a browser to run.
            ("cache-control", "no-store"), ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
        ])
        if let allow { headers.add(name: "allow", value: allow) }
        if isLast {
            headers.add(name: "connection", value: "close")
        } else if version == .http1_0 {
            headers.add(name: "connection", value: "keep-alive")
        }
        return headers
    }
}
