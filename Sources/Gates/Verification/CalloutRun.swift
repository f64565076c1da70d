// SPDX-License-Identifier: MIT

internal import Mail

/// A callout of a mapping template (`$[image,routine,argument]`) being answered: the routines that the
/// original has in libraries are built in, and ask like everything else.
enum CalloutRun: Sendable {
    case name(DNSVerify)
    case fetch(DNSFetch)
    case meter(MeterCallout)

    enum Step: Sendable {
        case ask([Question])
        /// Template text, or nil for "the callout failed"; a note for the trail.
        case done(String?, note: String?)
    }

    /// Routines by image.
    static let routines: [String: Set<String>] = [
        DNSVerify.image: DNSVerify.routines.union(DNSFetch.routines),
        MeterCallout.image: MeterCallout.routines,
        MeterCallout.connectionImage: MeterCallout.connectionRoutines,
    ]

    /// Nil for a routine that isn't built in, or whose argument makes no sense: the callout then fails.
    init?(_ callout: Callout) {
        switch callout.image {
        case DNSVerify.image:
            if let run = DNSVerify(callout) {
                self = .name(run)
            } else if let run = DNSFetch(callout) {
                self = .fetch(run)
            } else {
                return nil
            }
        case MeterCallout.image, MeterCallout.connectionImage:
            guard let run = MeterCallout(callout) else { return nil }
            self = .meter(run)
        default:
            return nil
        }
    }

    mutating func next(_ answers: [Answer]) -> Step {
        switch self {
        case .name(var run):
            defer { self = .name(run) }
            return run.next(answers)
        case .fetch(var run):
            defer { self = .fetch(run) }
            return run.next(answers)
        case .meter(var run):
            defer { self = .meter(run) }
            return run.next(answers)
        }
    }
}
