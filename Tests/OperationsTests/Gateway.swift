// SPDX-License-Identifier: MIT

import Foundation
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Telemetry

@testable import Operations

/// A dispatcher that answers as it is told, and remembers what it was asked.
final class FakeDispatcher: DispatcherLine {
    enum Answer: Sendable {
        case text(String)
        case failure(String)
        case silence
        /// Not before `release`.
        case later(String)
    }

    static let twoRoles =
        #"{"roles":[{"role":"lookups","instance":"","health":"ready","pid":7},"#
        + #"{"role":"inbound","instance":"0","health":"ready","pid":8}]}"#

    let asked = Journal<DispatcherAct>()
    private let answers: Mutex<[DispatcherAct: Answer]>
    private let waiting = Mutex<[(EventLoopPromise<String>, String)]>([])

    init(_ answers: [DispatcherAct: Answer]) { self.answers = Mutex(answers) }

    func set(_ act: DispatcherAct, _ answer: Answer) { answers.withLock { $0[act] = answer } }

    func ask(_ act: DispatcherAct, on loop: any EventLoop) -> EventLoopFuture<String> {
        let promise = loop.makePromise(of: String.self)
        switch answers.withLock({ $0[act] }) ?? .failure("not told what to say") {
        case .text(let text): promise.succeed(text)
        case .failure(let text): promise.fail(OperationsError(code: .dispatcher, message: text))
        case .silence: waiting.withLock { $0.append((promise, "too late")) }
        case .later(let text): waiting.withLock { $0.append((promise, text)) }
        }
        asked.append(act)
        return promise.futureResult
    }

    func release() {
        for (promise, text) in waiting.withLock({ list in
            defer { list = [] }; return list
        }) { promise.succeed(text) }
    }
}

/// Notes the names of events.
struct EventRecorder: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .debug
    let events: Journal<String>

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { events.append(event.message.description) }
}

/// The operations role on a free port, in a folder of its own.
final class Gateway {
    let folder: String
    let events = Journal<String>()
    let dispatcher: FakeDispatcher
    let settings: OperationsSettings
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private(set) var service: OperationsService?

    var controlPath: String { settings.controlSocketPath }
    var outboundPath: String { settings.outboundSocketPath }
    var port: Int { service.flatMap { Int($0.pageAddress.split(separator: ":").last ?? "") } ?? 0 }

    /// Answers `status` with two ready roles where nothing else is said.
    init(
        _ answers: [DispatcherAct: FakeDispatcher.Answer] = [:], port: Int = 0,
        change: (inout OperationsLimits) -> Void = { _ in }
    ) throws {
        var template = Array("/tmp/postern-op-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        mkdir(folder + "/counters", 0o700)
        var settings = OperationsSettings(pageAddress: "127.0.0.1", pagePort: port)
        settings.controlSocketPath = folder + "/control.sock"
        settings.outboundSocketPath = folder + "/outbound.sock"
        settings.countersFolder = folder + "/counters"
        change(&settings.limits)
        self.settings = settings
        dispatcher = FakeDispatcher([.status: .text(FakeDispatcher.twoRoles)].merging(answers) { $1 })
    }

    /// Started.
    static func running(
        _ answers: [DispatcherAct: FakeDispatcher.Answer] = [:],
        change: (inout OperationsLimits) -> Void = { _ in }
    ) throws -> Gateway {
        let gateway = try Gateway(answers, change: change)
        gateway.service = try gateway.begin().wait()
        return gateway
    }

    func begin(_ settings: OperationsSettings? = nil) -> EventLoopFuture<OperationsService> {
        let settings = settings ?? self.settings
        let events = events
        let logger = Logger(label: "operations") { _ in EventRecorder(events: events) }
        return OperationsService.start(settings, dispatcher: dispatcher, logger: logger, on: group.next())
    }

    func control() throws -> Wire { try Wire(path: controlPath) }
    func pages() throws -> Wire { try Wire(port: port) }

    deinit {
        // A test that failed is reported already; what it left open ends with the process.
        try? service?.drain().wait()
        dispatcher.release()
        try? group.syncShutdownGracefully()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
