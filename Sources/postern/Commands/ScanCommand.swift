// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Mail
import ScannerHost

/// `postern scan`: what the scanners say of a file, without a running gateway.
struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Scan a file, and say what each scanner found.",
        discussion: """
            Starts the scanners of the configuration for itself, in a temporary folder, and stops them at the end. One \
            JSON line for each: {"scanner","state","name","part","reason","took_ms"}; "state" is "clean", "infected" or \
            "unscanned", and "reason" says why the file was not scanned. A file with a message's header is scanned as a \
            message, any other as it is.
            """)

    @Argument(help: ArgumentHelp("What to scan.", valueName: "file"))
    var file: String?

    @Option(
        name: .customLong("with"), parsing: .upToNextOption,
        help: ArgumentHelp("Only these scanners, after the file.", valueName: "name"))
    var names: [String] = []

    @OptionGroup var rules: ConfigurationOption

    func validate() throws {
        guard file != nil || names.count > 1 else {
            throw ValidationError("Missing expected argument '<file>'")
        }
    }

    func run() throws {
        // The parser takes a file that comes after `--with NAME` for another name.
        let file = file ?? names.last ?? ""
        let names = self.file == nil ? names.dropLast() : names
        let bytes = MessageBytes(try InputFile.read(file, octetsMax: InputFile.messageOctetsMax))
        guard let settings = rules.settings(of: try rules.read().sources) else {
            throw CommandFailure.badUsage(
                "\(rules.path) has mistakes, so nobody knows which scanners there are")
        }
        let form = Self.form(of: bytes)
        for scanner in try Self.scanners(names, of: settings, rules.path) {
            let report = OwnScanner.scan(bytes, as: form, with: scanner, user: settings.service.user)
            try StandardOutput.print(json: ScannerLine(scanner: scanner.name, report))
        }
    }

    private static func scanners(
        _ names: [String], of settings: Settings, _ path: String
    ) throws -> [ScannerSettings] {
        let known = settings.scanners.map(\.name)
        guard !known.isEmpty else {
            throw CommandFailure.badUsage("\(path) has no scanner; add [scanner.clamav]")
        }
        for name in names where !known.contains(name) {
            throw CommandFailure.badUsage(
                "\(path) has no scanner \(name); it has \(known.joined(separator: ", "))")
        }
        return settings.scanners.filter { names.isEmpty || names.contains($0.name) }
    }

    /// A message is one if its first line is a field, and its header ends as headers do.
    private static func form(of bytes: MessageBytes) -> ScanForm {
        let header = Message(parsing: bytes).header
        return header.fields.isEmpty || header.defects.contains(.headerCutShort) ? .file : .message
    }

    private struct ScannerLine: Encodable {
        var scanner: String
        var state: String
        var name = Nullable<String>(nil)
        var part = Nullable<String>(nil)
        var reason = Nullable<String>(nil)
        var tookMs: Int

        enum CodingKeys: String, CodingKey {
            case scanner, state, name, part, reason
            case tookMs = "took_ms"
        }

        init(scanner: String, _ report: ScanReport) {
            self.scanner = scanner
            tookMs = report.tookMs
            switch report.state {
            case .clean: state = "clean"
            case .infected(let found, let number):
                state = "infected"
                name = Nullable(found)
                part = Nullable(number)
            case .unscanned(let why):
                state = "unscanned"
                reason = Nullable(why.text)
            }
        }
    }
}
