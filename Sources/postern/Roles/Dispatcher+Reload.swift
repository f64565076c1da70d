// SPDX-License-Identifier: MIT

import Configuration
import Glibc
import Telemetry

extension Dispatcher {
    /// Seconds that a compilation and the workers' acknowledgements may take.
    static let reloadSecondsMax: Int64 = 60

    /// A child compiles the rules, so that nothing in a rules file can hurt this process, and so that what
    /// workers will load has been loaded once.
    mutating func startCompiler(askedBy asked: (slot: RoleSlot, id: Int)?) {
        var compiler = RoleProcess(slot: RoleSlot(role: .lookups, instance: "compiler"))
        let arguments = [
            "postern", "role", "compiler", "--state", settings.stateFolder, "--config", configurationPath,
            "--folder", folder, "--ruleset", ruleset,
        ]
        guard let (pid, control) = Self.spawn("/proc/self/exe", arguments, passing: []) else {
            if let asked {
                answer(asked, #"{"result":"failed","message":"the rules compiler did not start"}"#)
            }
            return
        }
        compiler.pid = pid
        compiler.control = control
        reload = Reload(compiler: compiler, asked: asked, deadline: Self.now + Self.reloadSecondsMax)
        compilerBuffer = []
    }

    mutating func readCompiler() {
        guard let control = reload?.compiler.control else { return }
        let messages = Self.read(control, into: &compilerBuffer)
        for message in messages ?? [] {
            if case .compiled(let hash, let complaints, let text, let replacesLookups) = message {
                compiled(hash, complaints, text, replacesLookups)
            }
        }
        if messages == nil {
            close(control)
            reload?.compiler.control = -1
            // It ended without a result: it died.
            if let pending = reload, pending.ruleset == nil {
                finishReload(#"{"result":"failed","message":"the rules compiler died; rules unchanged"}"#)
            }
        }
    }

    private mutating func compiled(
        _ hash: String?, _ complaints: Int, _ text: String, _ replacesLookups: Bool
    ) {
        if !text.isEmpty { StandardError.print(text) }
        guard let hash else {
            counters.add(.reloadsRefused)
            logger.log(DispatcherEvent.rulesetRefused(complaints: complaints, ruleset: ruleset))
            if !ruleset.isEmpty {
                StandardError.print(
                    "postern: rules unchanged: \(complaints) error\(complaints == 1 ? "" : "s"); "
                        + "still judging by ruleset \(ruleset.prefix(12))")
            }
            return finishReload(
                ReloadResult.json(result: "refused", ruleset: ruleset, errors: complaints, text: text))
        }
        reload?.ruleset = hash
        let isFirst = ruleset.isEmpty
        ruleset = hash
        logger.log(DispatcherEvent.rulesetLoaded(ruleset: hash))
        if isFirst { return finishReload("") }
        counters.add(.reloadsDone)
        if replacesLookups, let index = roles.firstIndex(where: { $0.slot.role == .lookups }) {
            // Its successor starts with these rules. Nobody judges by them before it answers.
            reload?.waitingFor.insert(roles[index].slot)
            return drain(index)
        }
        tellRuleset()
        reloadedIfAll()
    }

    /// All who judge are told by which rules, and with them to look again at what these name.
    private mutating func tellRuleset() {
        for role in roles where role.slot.role.judges && role.state == .ready && role.control >= 0 {
            reload?.waitingFor.insert(role.slot)
            ControlLine.send(.judgeBy(ruleset: ruleset), to: role.control)
        }
    }

    /// A lookups role serves: rules that waited for it are those to judge by.
    mutating func lookupsReady(_ slot: RoleSlot) {
        // The reload itself may have been given up meanwhile; its rules are in force all the same.
        let isAwaited = reload?.waitingFor.remove(slot) != nil
        guard isAwaited || roles.contains(where: { $0.slot.role.judges && $0.ruleset != ruleset }) else {
            return
        }
        tellRuleset()
        reloadedIfAll()
    }

    mutating func acknowledged(_ slot: RoleSlot) {
        reload?.waitingFor.remove(slot)
        reloadedIfAll()
    }

    mutating func refused(_ slot: RoleSlot, ruleset hash: String, reason: String) {
        reload?.waitingFor.remove(slot)
        logger.log(DispatcherEvent.rulesetRefused(complaints: 1, ruleset: "\(hash) at \(slot): \(reason)"))
        reloadedIfAll()
    }

    private mutating func reloadedIfAll() {
        guard let pending = reload, let hash = pending.ruleset, pending.waitingFor.isEmpty else { return }
        finishReload(ReloadResult.json(result: "loaded", ruleset: hash, errors: 0, text: ""))
    }

    mutating func expireReload() {
        guard let pending = reload, Self.now >= pending.deadline else { return }
        if pending.compiler.control >= 0, pending.ruleset == nil { kill(pending.compiler.pid, SIGKILL) }
        finishReload(#"{"result":"failed","message":"the reload took too long"}"#)
    }

    private mutating func finishReload(_ text: String) {
        guard let pending = reload else { return }
        if pending.compiler.control >= 0 { close(pending.compiler.control) }
        reload = nil
        if let asked = pending.asked, !text.isEmpty { answer(asked, text) }
    }

    private func answer(_ asked: (slot: RoleSlot, id: Int), _ text: String) {
        guard let index = roles.firstIndex(where: { $0.slot == asked.slot }) else { return }
        respond(asked.id, text, to: index)
    }
}
