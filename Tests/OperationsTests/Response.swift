// SPDX-License-Identifier: MIT

/// An HTTP response as it came.
struct Response {
    var status = 0
    /// Names in lower case.
    var headers: [String: String] = [:]
    var body = ""

    /// Reads one; nil where the connection ended first.
    init?(from wire: Wire, hasBody: Bool = true) {
        guard let first = wire.line() else { return nil }
        status = first.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        while let line = wire.line(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        guard hasBody, let length = headers["content-length"].flatMap({ Int($0) }) else { return }
        body = String(decoding: wire.octets(length), as: UTF8.self)
    }
}

extension Gateway {
    /// One request on a connection of its own.
    func request(_ target: String, method: String = "GET") throws -> Response? {
        let wire = try pages()
        wire.send("\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return Response(from: wire, hasBody: method != "HEAD")
    }
}
