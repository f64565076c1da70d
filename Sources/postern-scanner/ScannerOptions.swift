// SPDX-License-Identifier: MIT

/// The command line.
struct ScannerOptions: Hashable {
    var socket = ""
    var signatures = ""
    var temporary = ""
    /// Jobs that are scanned at the same time.
    var workers = 2
    /// Memory that a job may use besides the loaded signatures, in megabytes.
    var memoryMB = 1_024
    /// Processor time that a job may use, in seconds. Its wall time is twice that: on a busy machine a job
    /// waits for the processor, which isn't the message's fault.
    var jobSeconds = 60
    var user: String?

    enum Request: Hashable {
        case help(String)
        case run(ScannerOptions)
    }

    static let workersRange = 1...64
    static let memoryRangeMB = 64...65_536
    static let jobRangeSeconds = 1...3_600

    static let usage = """
        usage: postern-scanner --socket PATH --signatures DIR --temporary DIR [options]

        Scans jobs that arrive on a Unix socket with libclamav, in confined worker processes.

          --socket PATH       where to listen; this scanner takes it over from an older one once it is ready
          --signatures DIR    folder of ClamAV signatures (*.cvd, *.ndb ...)
          --temporary DIR     folder for unpacked files; the scanner makes and empties it
          --workers N         jobs at the same time (default 2)
          --memory-mb N       memory of a job besides the signatures (default 1024)
          --job-seconds N     processor time of a job (default 60); its wall time is twice that
          --user NAME         account to work under when started as root
          --help

        It ends on SIGTERM, and when descriptor 3, if it is a pipe or socket, reaches its end.

        """

    static func parse(_ arguments: [String]) throws(ScannerExit) -> Request {
        var options = ScannerOptions()
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if option == "--help" { return .help(usage) }
            guard let value = rest.popFirst(), !value.isEmpty else {
                throw ScannerExit(.usage, "option \(option) needs a value; --help lists the options")
            }
            switch option {
            case "--socket": options.socket = value
            case "--signatures": options.signatures = value
            case "--temporary": options.temporary = value
            case "--workers": options.workers = try number(value, in: workersRange, of: option)
            case "--memory-mb": options.memoryMB = try number(value, in: memoryRangeMB, of: option)
            case "--job-seconds": options.jobSeconds = try number(value, in: jobRangeSeconds, of: option)
            case "--user": options.user = value
            default: throw ScannerExit(.usage, "unknown option \(option); --help lists the options")
            }
        }
        let required = [
            ("--socket", options.socket), ("--signatures", options.signatures),
            ("--temporary", options.temporary),
        ]
        for (name, value) in required where value.isEmpty {
            throw ScannerExit(.usage, "\(name) is missing; --help lists the options")
        }
        return .run(options)
    }

    /// The folder in which the socket is made and renamed.
    var socketFolder: String {
        guard let slash = socket.lastIndex(of: "/") else { return "." }
        return slash == socket.startIndex ? "/" : String(socket[..<slash])
    }

    private static func number(
        _ text: String, in range: ClosedRange<Int>, of option: String
    ) throws(ScannerExit) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw ScannerExit(
                .usage,
                "\(option) takes a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return value
    }
}
