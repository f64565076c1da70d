// SPDX-License-Identifier: MIT
import Glibc
import Testing

@testable import DurableQueue

@Suite("A cut after any call")
struct CrashTests {
    /// Runs the script, cut after every call in turn, and counts the cuts by what a restart found wrong.
    private func failures(lie: ForgetfulDisk.Lie, cuts: [ForgetfulDisk.Cut], stride step: Int = 1) -> [String]
    {
        let whole = ForgetfulDisk(lie: lie)
        var script = CrashScript(whole)
        script.run()
        var failures: [String] = []
        for calls in Swift.stride(from: 1, through: whole.calls, by: step) {
            let disk = ForgetfulDisk(lie: lie)
            disk.cut(after: calls)
            var script = CrashScript(disk)
            script.run()
            for cut in cuts {
                for wrong in violations(of: script.ledger, on: disk.afterCut(cut)) {
                    failures.append("\(cut) after call \(calls) (\(disk.history.last ?? "")): \(wrong)")
                }
            }
        }
        return failures
    }

    @Test("an uncut run keeps every promise")
    func uncut() {
        let disk = ForgetfulDisk()
        var script = CrashScript(disk)
        script.run()
        #expect(script.ledger.promises.count > 30)
        #expect(script.ledger.refused.isEmpty)
        #expect(violations(of: script.ledger, on: disk.afterCut(.processOnly)) == [])
    }

    @Test("kill -9: whatever was answered is there, exactly")
    func killed() {
        #expect(failures(lie: [], cuts: [.processOnly]) == [])
    }

    @Test(
        "power cut that loses everything not synced and tears the last write: whatever was answered is there")
    func powerCut() {
        #expect(failures(lie: [], cuts: [.forgetful]) == [])
    }

    @Test("power cut that keeps any part of what was not synced: whatever was answered is there")
    func powerCutAtRandom() {
        #expect(failures(lie: [], cuts: [.random(1), .random(2)]) == [])
    }

    @Test("the suite sees a disk that drops fdatasync")
    func droppedFileSyncs() {
        let lost = failures(lie: .dropsFileSyncs, cuts: [.forgetful], stride: 7)
        #expect(lost.contains { $0.contains("is done, of") || $0.contains("did not start") })
    }

    @Test("the suite sees a disk that drops the syncs of folders")
    func droppedFolderSyncs() {
        let lost = failures(lie: .dropsFolderSyncs, cuts: [.forgetful], stride: 7)
        #expect(lost.contains { $0.contains("is done, of") || $0.contains("did not start") })
    }
}

@Suite("A disk call that fails once")
struct FailingCallTests {
    /// Fails call after call of the script. Afterwards nothing that was answered yes is missing, nothing that
    /// was answered no is there, and a later commit succeeds.
    private func failures(with number: Int32, stride step: Int = 1) -> [String] {
        let whole = ForgetfulDisk()
        var script = CrashScript(whole)
        script.run()
        var failures: [String] = []
        for call in Swift.stride(from: 1, through: whole.calls, by: step) {
            let disk = ForgetfulDisk()
            disk.fail(call: call, with: number)
            var script = CrashScript(disk)
            script.run()
            let what = "call \(call) (\(disk.history[call - 1]))"
            if script.ledger.refused.contains("after-last") || script.ledger.handedIn["last"] == nil {
                failures.append("\(what): a later commit failed")
            }
            for cut in [ForgetfulDisk.Cut.processOnly, .forgetful] {
                let after = disk.afterCut(cut)
                failures += violations(of: script.ledger, on: after).map { "\(what), \(cut): \($0)" }
                failures += falseRefusals(script.ledger, after).map { "\(what), \(cut): \($0)" }
            }
        }
        return failures
    }

    private func falseRefusals(_ ledger: Ledger, _ disk: ForgetfulDisk) -> [String] {
        guard let keeper = try? openKeeper(disk) else { return ["the keeper did not start"] }
        let found = keeper.list(allStates)
        return found.filter { ledger.refused.contains($0.caseID) }.map {
            "\($0.caseID) was answered no, and is there"
        }
    }

    @Test("EIO: no false success, no false refusal, later commits work")
    func inputOutputError() {
        #expect(failures(with: EIO) == [])
    }

    @Test("ENOSPC: the same, for every third call")
    func noSpace() {
        #expect(failures(with: ENOSPC, stride: 3) == [])
    }
}
