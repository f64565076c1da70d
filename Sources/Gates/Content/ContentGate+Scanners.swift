// SPDX-License-Identifier: MIT

internal import Mail

/// What scanners found, and what that leads to.
extension ContentGate {
    /// An answer that isn't a report is not a clean one (promise P8).
    static func report(_ answer: Answer) -> ScanReport {
        switch answer {
        case .scan(let report): report
        case .unavailable(let reason):
            ScanReport(state: .unscanned(.init(reason, isTransient: true)), tookMs: 0)
        default:
            ScanReport(state: .unscanned(.init("the answer is no scan report", isTransient: true)), tookMs: 0)
        }
    }

    /// What the reports lead to; nil to go on. An infection outweighs everything, then a scanner that asks
    /// for time.
    mutating func scanned(_ answers: ArraySlice<Answer>) -> Ruling? {
        var infected: Ruling?
        var transient: Ruling?
        var permanent: Ruling?
        var rest = answers
        for scanner in policy.scanners {
            // A scanner without an answer has not said "clean" either.
            let report = Self.report(rest.popFirst() ?? .unavailable("no answer"))
            switch report.state {
            case .clean:
                note(scanner, "clean", status: "clean")
            case .infected(let name, let part):
                let place = part.map { " in part \($0)" } ?? ""
                note(
                    scanner, "infected: \(name)\(place), so \(scanner.onInfected.rawValue)",
                    status: "infected")
                infected =
                    infected
                    ?? Self.ruling(
                        scanner, Self.verdict(scanner.onInfected, "\(scanner.name) found \(name)\(place)"))
            case .unscanned(let reason) where reason.isTransient:
                note(
                    scanner, "unscanned for now: \(reason.text), so \(scanner.onUnscannedTransient.rawValue)",
                    status: "unscanned")
                switch scanner.onUnscannedTransient {
                case .defer:
                    let reply = Reply(451, "4.3.0", "Content check is not available, try again later")
                    transient = transient ?? Self.ruling(scanner, .retryLater(reply))
                case .hold:
                    permanent =
                        permanent
                        ?? Self.ruling(scanner, .hold("unscanned by \(scanner.name): \(reason.text)"))
                }
            case .unscanned(let reason):
                note(
                    scanner, "unscanned: \(reason.text), so \(scanner.onUnscannedPermanent.rawValue)",
                    status: "unscanned")
                let verdict = Self.verdict(scanner.onUnscannedPermanent, scanner.name, reason)
                permanent = permanent ?? verdict.map { Self.ruling(scanner, $0) }
            }
        }
        return infected ?? transient ?? permanent
    }

    static func verdict(_ policy: Policy.ScannerPolicy.Infected, _ reason: String) -> Verdict {
        switch policy {
        case .hold: .hold(reason)
        case .reject: .reject(Reply(554, "5.7.1", "Message refused: it contains malware"))
        case .discard: .discard
        }
    }

    /// Nil to go on, with a mark in the header.
    static func verdict(
        _ policy: Policy.ScannerPolicy.Permanent, _ scanner: String, _ reason: ScanReport.Reason
    ) -> Verdict? {
        switch policy {
        case .hold: .hold("unscanned by \(scanner): \(reason.text)")
        case .reject: .reject(Reply(554, "5.7.1", "Message content could not be checked"))
        case .relay: nil
        }
    }

    static func ruling(_ scanner: Policy.ScannerPolicy, _ verdict: Verdict) -> Ruling {
        Ruling(verdict: verdict, rule: rule(scanner))
    }

    static func rule(_ scanner: Policy.ScannerPolicy) -> String {
        "postern.toml [scanner.\(scanner.name)]"
    }

    mutating func note(_ scanner: Policy.ScannerPolicy, _ result: String, status: String) {
        trail.append(
            Trail.Entry(.scanner, rule: Self.rule(scanner), about: scanner.name, result: result))
        virusStatus.append("\(status) (\(scanner.name))")
    }
}
