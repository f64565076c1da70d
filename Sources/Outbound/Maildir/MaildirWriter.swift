// SPDX-License-Identifier: MIT

internal import Glibc
internal import Mail
internal import SMTPProtocol

/// Delivers into one maildir, on a thread of its own: what queued meanwhile is one batch, and its folder is
/// synced once.
///
/// A folder that can't be used now may be later: it is prepared again before the next batch.
final class MaildirWriter: Sendable {
    private enum Letter: Sendable {
        case delivery(Delivery)
        case stop
    }

    let path: String
    private let hostname: String
    private let batchMax: Int
    private let inbox: Mailbox<Letter>
    private let reports: Mailbox<ControllerLetter>

    /// Runs until `stop`; its thread ends by itself. A folder that can't be used is told to the controller.
    static func start(
        path: String, settings: OutboundSettings, reports: Mailbox<ControllerLetter>
    ) throws(OutboundError) -> MaildirWriter {
        let writer = MaildirWriter(
            path: path, hostname: settings.hostname, batchMax: settings.limits.maildirBatchMax,
            inbox: try Mailbox(), reports: reports)
        try WorkThread(name: "maildir") { writer.run() }.detach()
        return writer
    }

    private init(
        path: String, hostname: String, batchMax: Int, inbox: Mailbox<Letter>,
        reports: Mailbox<ControllerLetter>
    ) {
        self.path = path
        self.hostname = hostname
        self.batchMax = max(batchMax, 1)
        self.inbox = inbox
        self.reports = reports
    }

    func deliver(_ deliveries: [Delivery]) { inbox.post(contentsOf: deliveries.map(Letter.delivery)) }

    /// What was handed over before is delivered first.
    func stop() { inbox.post(.stop) }

    private func run() {
        var folder: MaildirFolder?
        do throws(OutboundError) {
            folder = try MaildirFolder(preparing: path)
        } catch {
            // Told now, not with the first message: that may be hours away.
            reports.post(.maildirTrouble(path: path, Self.reply(error)))
        }
        while true {
            inbox.wait()
            var batch: [Delivery] = []
            for letter in inbox.take() {
                guard case .delivery(let delivery) = letter else {
                    deliverBatch(batch, &folder)
                    return
                }
                batch.append(delivery)
                if batch.count >= batchMax {
                    deliverBatch(batch, &folder)
                    batch = []
                }
            }
            deliverBatch(batch, &folder)
        }
    }

    /// Leaves no folder where something failed.
    private func deliverBatch(_ batch: [Delivery], _ prepared: inout MaildirFolder?) {
        guard !batch.isEmpty else { return }
        let folder: MaildirFolder
        do throws(OutboundError) {
            if let prepared { folder = prepared } else { folder = try MaildirFolder(preparing: path) }
            prepared = folder
        } catch {
            let reply = Self.reply(error)
            return reports.post(.reports(batch.map { $0.report(.deferred(reply), isUnreachable: true) }))
        }
        var outcomes: [DeliveryReport] = []
        var arrived: [Delivery] = []
        for delivery in batch {
            do throws(OutboundError) {
                let name = name(of: delivery)
                try folder.write(
                    name: name, top: Self.top(of: delivery), pieces: delivery.pieces, body: delivery.body)
                try folder.arrive(name: name)
                arrived.append(delivery)
            } catch {
                outcomes.append(delivery.report(.deferred(Self.reply(error))))
                prepared = nil
            }
        }
        do throws(OutboundError) {
            if !arrived.isEmpty { try folder.syncNew() }
            let reply = Reply(250, "2.0.0", "stored in maildir \(folder.path)")
            outcomes += arrived.map { $0.report(.delivered(reply)) }
        } catch {
            // Perhaps it is there, perhaps not; the next attempt replaces it by the same name.
            let reply = Self.reply(error)
            outcomes += arrived.map { $0.report(.deferred(reply)) }
            prepared = nil
        }
        reports.post(.reports(outcomes))
    }

    /// Seconds, the entry's own name, and ours: nothing that differs from one attempt to the next.
    private func name(of delivery: Delivery) -> String {
        let host = hostname.utf8.map {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") ? UInt8(ascii: "-") : $0
        }
        return "\(delivery.arrived).Q\(delivery.id).\(String(decoding: host, as: UTF8.self))"
    }

    /// RFC 5321 §4.4: final delivery inserts Return-Path. Delivered-To tells apart who shares the maildir.
    private static func top(of delivery: Delivery) -> [UInt8] {
        var top = "Return-Path: <\(delivery.envelope.sender?.description ?? "")>\r\n"
        for recipient in delivery.envelope.recipients { top += "Delivered-To: \(recipient)\r\n" }
        return Array(top.utf8)
    }

    private static func reply(_ error: OutboundError) -> Reply { Reply(451, "4.3.0", error.message) }
}
