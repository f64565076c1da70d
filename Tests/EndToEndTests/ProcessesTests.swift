// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Processes: each can be killed, and mail goes on")
    struct ProcessesTests {
        @Test("status lists every role with its process and what confines it, and the kernel agrees")
        func status() throws {
            let gateway = try Gateway()
            #expect(try gateway.status()?["pid"] as? Int == Int(gateway.pid))
            let roles = try gateway.roles()
            #expect(
                roles.map(\.slot).sorted() == [
                    "inbound-0", "inbound-1", "lookups", "operations", "outbound", "scanner-clamav",
                ])
            for role in roles {
                #expect(role.health == "ready")
                #expect(!role.confinement.isEmpty, "\(role)")
                #expect(try Processes.status(role.pid, "PPid") == ["\(gateway.pid)"], "\(role)")
                #expect(try Processes.status(role.pid, "NoNewPrivs") == ["1"], "\(role)")
                #expect(try Processes.status(role.pid, "Seccomp") == ["2"], "\(role)")
                let words = role.confinement.joined(separator: "\n")
                for measure in ["Landlock", "seccomp"] {
                    #expect(words.contains(measure), "\(role)")
                    #expect(!words.contains("missing: \(measure)"), "\(role)")
                }
            }
            let health = try Programs.run(
                "/usr/bin/curl", ["-sS", "http://127.0.0.1:\(gateway.operationsPort)/health"])
            #expect(health.objects.first?["status"] as? String == "ok")
        }

        @Test(
            "killed, it is there again as another process, and mail flows",
            arguments: ["inbound-0", "inbound-1", "lookups", "outbound", "operations", "scanner-clamav"])
        func killed(slot: String) throws {
            let gateway = try Gateway()
            #expect(try gateway.deliver(subject: "before").hasPrefix("250"))
            let pid = try gateway.role(slot).pid
            try Processes.signal(SIGKILL, [pid])
            let successor = try gateway.successor(of: pid, in: slot)
            #expect(successor.restarts == 1)
            let reply = try gateway.deliver(subject: "after")
            #expect(reply.hasPrefix("250"), "\(reply)")
            #expect(try gateway.arrived(1, with: "Subject: before").count == 1)
            #expect(try gateway.arrived(1, with: "Subject: after").count == 1)
            #expect(gateway.log.contains("event=role.died slot=\(slot) pid=\(pid) status=\"signal 9\""))
            #expect(try gateway.stop() == 0)
        }

        @Test(
            "the dispatcher killed: an open session finishes its message, all end, the next start finds all")
        func dispatcherKilled() throws {
            let gateway = try Gateway()
            #expect(try gateway.deliver(subject: "[hold-me] please").hasPrefix("250"))
            _ = try gateway.held(1)
            let pids = try gateway.roles().map(\.pid)
            let scanner = try gateway.scannerProcesses()
            let client = try SMTPDialogue.greeted(port: gateway.port)
            try client.begin()
            try client.send("Subject: begun before\r\n\r\nhalf of the text,\r\n")
            try Processes.signal(SIGKILL, [gateway.pid])
            try client.send("and the other half\r\n.\r\n")
            let reply = try #require(try client.reply())
            #expect(reply.hasPrefix("250 2.0.0"), "\(reply)")
            #expect(try client.reply()?.hasPrefix("421") == true)
            #expect(try client.reply() == nil)
            client.close()
            try Waiting.until("the end of every role") {
                !(pids + scanner).contains(where: Processes.isAlive)
            }
            try gateway.start()
            #expect(try gateway.arrived(1, with: "begun before").count == 1)
            #expect(try gateway.held(1).count == 1)
            #expect(try gateway.deliver(subject: "afterwards").hasPrefix("250"))
            _ = try gateway.arrived(1, with: "afterwards")
            try gateway.stop()
            #expect(try gateway.arrived().count == 2)
        }

        @Test("SIGTERM: a message under way is finished, nobody else is let in, and the exit status is 0")
        func drain() throws {
            let gateway = try Gateway()
            let idle = try SMTPDialogue.greeted(port: gateway.port)
            let busy = try SMTPDialogue.greeted(port: gateway.port)
            try busy.begin(thenData: false)
            kill(gateway.pid, SIGTERM)
            #expect(try idle.reply()?.hasPrefix("421 4.3.2") == true)
            try busy.say("DATA", expecting: "354")
            #expect(try busy.content(Array("Subject: the last one\n\ntext\n".utf8)).hasPrefix("250 2.0.0"))
            #expect(try busy.reply()?.hasPrefix("421 4.3.2") == true)
            idle.close()
            busy.close()
            #expect(try gateway.ended() == 0)
            #expect(throws: HarnessError.self) { try SMTPDialogue(port: gateway.port) }
            // It was delivered on the way out, or is at the next start; once in any case.
            try gateway.start()
            #expect(try gateway.arrived(1, with: "the last one").count == 1)
            #expect(try gateway.stop() == 0)
            #expect(try gateway.arrived().filter { $0.contains("the last one") }.count == 1)
        }

        @Test("`postern stop` does the same")
        func stopCommand() throws {
            let gateway = try Gateway()
            #expect(try gateway.deliver(subject: "kept").hasPrefix("250"))
            #expect(try gateway.command("stop").status == 0)
            #expect(try gateway.ended() == 0)
            #expect(try gateway.arrived(1, with: "kept").count == 1)
            let status = try gateway.command("status")
            #expect(status.status == 1)
            #expect(status.errors.contains("no gateway answers"))
        }

        @Test("two gateways don't share a state folder: the second says so and ends")
        func twice() throws {
            let gateway = try Gateway()
            let second = try gateway.command("serve")
            #expect(second.status == 1)
            #expect(second.errors.contains("another dispatcher runs on state folder \(gateway.state)"))
            #expect(try gateway.deliver(subject: "undisturbed").hasPrefix("250"))
        }

        @Test("started as root with a user, every role runs as that user, and mail flows")
        func user() throws {
            try HarnessError.requireRoot(for: "a change of user")
            let nobody = try #require(getpwnam("nobody")).pointee
            let gateway = try Gateway(edit: [("# [process]", "[process]\nuser = \"nobody\"")])
            for role in try gateway.roles() {
                let uid = "\(nobody.pw_uid)"
                let gid = "\(nobody.pw_gid)"
                #expect(try Processes.status(role.pid, "Uid") == [uid, uid, uid, uid], "\(role)")
                #expect(try Processes.status(role.pid, "Gid") == [gid, gid, gid, gid], "\(role)")
                #expect(try Processes.status(role.pid, "CapEff") == ["0000000000000000"], "\(role)")
            }
            for worker in try gateway.scannerProcesses() {
                #expect(try Processes.status(worker, "Uid").first == "\(nobody.pw_uid)")
            }
            #expect(try gateway.deliver(subject: "relayed").hasPrefix("250"))
            #expect(try gateway.arrived(1, with: "relayed").count == 1)
            let held = try SMTPDialogue.deliver(
                port: gateway.port,
                TestMessage.with(attachment: TestMessage.eicar, named: "a.com", subject: "infected"))
            #expect(held.hasPrefix("250"))
            #expect(try gateway.held(1).count == 1)
            #expect(try gateway.explanation(held).contains("Postern.Test.EICAR"))
            let worker = try gateway.role("inbound-0")
            try Processes.signal(SIGKILL, [worker.pid])
            _ = try gateway.successor(of: worker.pid, in: "inbound-0")
            #expect(try gateway.command("reload").status == 0)
            #expect(try gateway.stop() == 0)
        }
    }
}
