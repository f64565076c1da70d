// SPDX-License-Identifier: MIT

import Configuration
import Confinement
import Glibc
import Mail
import NIOCore
import NIOPosix
import Operations

/// The process that shows how the gateway is and carries the command line's wishes to the others.
struct OperationsRole {
    let context: RoleContext

    func run() throws {
        let confinement = try context.confine(
            .operations(readOnly: ["rulesets"], readWrite: ["run", "counters"]))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let requests = DispatcherRequests(loop: loop)
        let told = loop.makePromise(of: Void.self)
        ControlListener { message in
            loop.execute { Self.obey(message, requests, told) }
        }.start()
        let service: OperationsService
        do {
            service = try OperationsService.start(
                settings(), dispatcher: requests, logger: context.logger, on: loop
            ).wait()
        } catch {
            told.succeed(())
            throw error
        }
        context.ready(confinement, note: service.pageAddress)
        try told.futureResult.wait()
        try service.drain().wait()
        try loop.submit { requests.end() }.wait()
        // The event loop ends with the process. Its own shutdown would start libdispatch's worker threads,
        // which read /proc/<thread>/stat and trap where the confinement refuses that.
        Glibc._exit(0)
    }

    private func settings() -> OperationsSettings {
        let endpoint = context.settings.service.operations
        var settings = OperationsSettings(pageAddress: endpoint.address.description, pagePort: endpoint.port)
        settings.controlSocketPath = StateFolder.controlSocket
        settings.outboundSocketPath = StateFolder.outboundSocket
        return settings
    }

    private static func obey(
        _ message: ControlMessage, _ requests: DispatcherRequests, _ told: EventLoopPromise<Void>
    ) {
        switch message {
        case .response(let id, let text): requests.answer(id, text)
        case .drain:
            requests.beginEnding()
            told.succeed(())
        case .ready, .acknowledged, .refused, .compiled, .request, .judgeBy, .adopt:
            break
        }
    }
}
