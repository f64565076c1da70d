// SPDX-License-Identifier: MIT

import ArgumentParser
import Glibc
import Mail

/// `postern mime bench`: how many octets of a message are read in a second on one core.
struct MIMEBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a message's parts are found and decoded.",
        discussion: """
            Each time the message is read anew from its octets: its header, the tree of its parts, their fields. With \
            --decode each part's transfer encoding is undone too, piece by piece. Answers {"mb_per_second", \
            "cpu_us_per_parse","octets","iterations","parts","decoded_octets","defects","memory_octets", \
            "wall_seconds"}. A megabyte is 1,000,000 octets as received. Times but the last are processor time; \
            "memory_octets" is by how much the process grew at its highest while it read, the message not counted.
            """)

    @Option(help: ArgumentHelp("The message's file.", valueName: "file"))
    var message: String

    @Option(help: ArgumentHelp("How often to read it; without it, for a second.", valueName: "n"))
    var iterations: Int?

    @Flag(help: "Undo the parts' transfer encodings too.")
    var decode = false

    private struct Report: Encodable {
        var mbPerSecond: Double
        var cpuUsPerParse: Double
        var octets: Int
        var iterations: Int
        var parts: Int
        /// Of one reading; 0 without --decode.
        var decodedOctets: Int
        var defects: [MessageDefect]
        var memoryOctets: Int
        var wallSeconds: Double

        enum CodingKeys: String, CodingKey {
            case octets, iterations, parts, defects
            case mbPerSecond = "mb_per_second"
            case cpuUsPerParse = "cpu_us_per_parse"
            case decodedOctets = "decoded_octets"
            case memoryOctets = "memory_octets"
            case wallSeconds = "wall_seconds"
        }
    }

    /// What one reading found.
    private struct Reading {
        var parts = 0
        var decodedOctets = 0
        var defects: [MessageDefect] = []
    }

    func validate() throws {
        if let iterations, iterations < 1 { throw ValidationError("--iterations must be at least 1") }
    }

    func run() throws {
        let bytes = MessageBytes(try InputFile.read(message, octetsMax: InputFile.messageOctetsMax))
        let held = Self.peakOctets()
        // Once without counting, so that no page is met for the first time.
        var reading = read(bytes)
        let wallBegan = Self.seconds(CLOCK_MONOTONIC)
        let began = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)
        var rounds = 0
        repeat {
            reading = read(bytes)
            rounds += 1
        } while iterations.map { rounds < $0 } ?? (Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - began < 1)
        let seconds = max(Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - began, 1e-9) / Double(rounds)
        try StandardOutput.print(
            json: Report(
                mbPerSecond: (Double(bytes.count) / seconds / 1e5).rounded() / 10,
                cpuUsPerParse: (seconds * 1e8).rounded() / 100, octets: bytes.count, iterations: rounds,
                parts: reading.parts, decodedOctets: reading.decodedOctets, defects: reading.defects,
                memoryOctets: max(0, Self.peakOctets() - held),
                wallSeconds: ((Self.seconds(CLOCK_MONOTONIC) - wallBegan) * 1e4).rounded() / 1e4))
    }

    private func read(_ bytes: MessageBytes) -> Reading {
        let tree = Message(parsing: bytes).parts()
        let parts = tree.all
        var reading = Reading(parts: parts.count, decodedOctets: 0, defects: tree.defects)
        guard decode else { return reading }
        for part in parts where part.children.isEmpty {
            var octets = 0
            let found = part.decodePieces(in: bytes) { octets += $0.count }
            reading.decodedOctets += octets
            for defect in found where !reading.defects.contains(defect) { reading.defects.append(defect) }
        }
        return reading
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The most memory that the process ever had, in octets.
    private static func peakOctets() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1_024
    }
}
