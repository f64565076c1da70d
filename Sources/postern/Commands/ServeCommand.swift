// SPDX-License-Identifier: MIT

import Mail
import ArgumentParser
import CPostern
import Configuration
import Confinement
import Glibc
import Telemetry

/// `postern serve`: all roles, in the foreground.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the gateway, all roles, in the foreground.",
        discussion: """
            When it serves, "postern: ready" and the bound addresses appear on standard error. SIGTERM finishes what is
            under way and ends; SIGHUP reloads the rules.
            """)

    @Option(help: "The configuration file.")
    var config = "rules/postern.toml"

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        guard
            let path = realpath(config, nil).map({ pointer in
                defer { free(pointer) }
                return String(cString: pointer)
            })
        else {
            StandardError.print(
                "postern: \(config): \(String(cString: strerror(errno))); name it with --config")
            throw ExitCode(2)
        }
        let read = RuleSources.read(configuration: path)
        let compilation = RulesetArchive.compile(read.sources, complaints: read.complaints)
        for complaint in compilation.complaints where compilation.hasErrors || complaint.severity == .error {
            StandardError.print(Diagnostic(complaint, source: read.sources.source(of: complaint)).description)
        }
        guard let settings = compilation.settings else {
            StandardError.print("postern: not started: the rules have mistakes; `postern check` lists them")
            throw ExitCode(1)
        }
        do {
            throw ExitCode(try serve(path: path, folder: read.sources.folder, settings: settings))
        } catch let error where !(error is ExitCode) {
            StandardError.print("postern: \(error)")
            throw ExitCode(1)
        }
    }

    private func serve(path: String, folder: String, settings: Settings) throws -> Int32 {
        var owner: (user: UInt32, group: UInt32)?
        if geteuid() == 0, let name = settings.service.user {
            let user = try ProcessUser(named: name)
            owner = (user.uid, user.gid)
        }
        let state = settings.service.stateFolder
        try StateFolder.prepare(state, owner: owner)
        if settings.service.tls == nil {
            try ServerTLS.makeOwn(hostname: settings.service.hostname, stateFolder: state, owner: owner)
        }
        guard chdir(state) == 0 else {
            throw StateFolderError(path: state, reason: String(cString: strerror(errno)))
        }
        umask(0o027)
        var dispatcher = Dispatcher(
            configurationPath: path, folder: folder, settings: settings.service, scanners: settings.scanners,
            counters: try CounterPage(path: "counters/dispatcher"))
        return dispatcher.run()
    }
}
