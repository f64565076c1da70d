// swift-tools-version:6.2
// SPDX-License-Identifier: MIT
import PackageDescription

/// Arrows point down only: a target may name targets that stand below it here, never above. Build with
/// `--explicit-target-dependency-import-check error` (the Makefile does), and an undeclared import fails too.
///
/// `MemberImportVisibility` stays off: C structures of the system belong to whichever C module the compiler
/// met first, so that with it the same file builds on one day and not on the next.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "postern",
    products: [
        .executable(name: "postern", targets: ["postern"]),
        .executable(name: "postern-scanner", targets: ["postern-scanner"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // 4. The front doors: commands, configuration, wiring, roles.
        .executableTarget(
            name: "postern",
            dependencies: [
                "Inbound", "Outbound", "Operations", "Replay", "Configuration", "Gates", "DurableQueue",
                "Lookups", "ScannerHost", "ScannerWire", "SMTPProtocol", "SieveLanguage", "MappingTables",
                "Mail",
                "Telemetry", "Confinement", "Cryptography", "CPostern", nioCore, nioPosix, nioSSL, logging,
                arguments,
            ],
            swiftSettings: strict),
        // libclamav is GPL version 2 only: nothing but the standard library and C meets it here.
        .executableTarget(
            name: "postern-scanner",
            dependencies: ["ScannerWire", "Confinement", "CPostern", "CClamAV"],
            swiftSettings: strict),

        // 3. The hands: sockets, clocks, disks in motion.
        library(
            "Inbound",
            [
                "Gates", "SMTPProtocol", "DurableQueue", "Lookups", "ScannerHost", "Mail", "Telemetry",
                "Cryptography", "CPostern", nioCore, nioPosix, nioSSL, nioTLS, logging,
            ]),
        library(
            "Outbound",
            [
                "SMTPProtocol", "DurableQueue", "Mail", "Telemetry", "CPostern", nioCore, nioPosix, logging,
            ]),
        library(
            "Operations", ["DurableQueue", "Mail", "Telemetry", nioCore, nioPosix, nioHTTP1, logging]),
        library("Replay", ["Gates", "Mail", "Telemetry", "CPostern", logging]),
        library(
            "Configuration",
            ["Gates", "SieveLanguage", "MappingTables", "Mail", "Cryptography", "CTOML"]),

        // 2. The judge, and the senses and the memory it is lent.
        library("Gates", ["MappingTables", "SieveLanguage", "Mail"]),
        library("DurableQueue", ["Mail", "CPostern"]),
        library(
            "Lookups",
            [
                "MappingTables", "Mail", "Telemetry", "CUnbound", "CLDAP", "CCrypt", "CPostern", nioCore,
                nioPosix, logging,
            ]),
        library("ScannerHost", ["ScannerWire", "Mail", "Telemetry", "CPostern", logging]),

        // 1. The languages: bytes in, values out; no clock, no socket, no log.
        library("SMTPProtocol", ["Mail"]),
        library("SieveLanguage", ["Mail", "CPCRE2", "CUnistring"]),
        library("MappingTables", ["Mail"]),

        // 0. The words, and what every process of ours needs of the machine.
        library("Mail"),
        library("ScannerWire"),
        library("Telemetry", ["CPostern", logging]),
        library("Confinement", ["CPostern"]),
        library("Cryptography", ["CLibcrypto"]),
        .target(
            name: "CPostern", cSettings: [.define("_GNU_SOURCE")], linkerSettings: [.linkedLibrary("seccomp")]
        ),
        .target(
            name: "CTOML",
            cxxSettings: [.define("TOML_EXCEPTIONS", to: "0"), .define("TOML_ENABLE_FORMATTERS", to: "0")]),
        .systemLibrary(name: "CClamAV", pkgConfig: "libclamav", providers: [.apt(["libclamav-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CUnistring", providers: [.apt(["libunistring-dev"])]),
        .systemLibrary(name: "CUnbound", providers: [.apt(["libunbound-dev"])]),
        .systemLibrary(name: "CLDAP", providers: [.apt(["libldap-dev"])]),
        .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // Tests mirror the sources; below them the suites that need more than one target.
        tests("MailTests", ["Mail"]),
        tests("MappingTablesTests", ["MappingTables", "Mail"]),
        // Its test files are read where they stand.
        .testTarget(
            name: "SieveLanguageTests", dependencies: ["SieveLanguage", "Mail"], exclude: ["TestFiles"],
            swiftSettings: strict),
        tests("SMTPProtocolTests", ["SMTPProtocol", "Mail"]),
        tests("DurableQueueTests", ["DurableQueue", "Mail", "CPostern"]),
        tests(
            "LookupsTests",
            [
                "Lookups", "Gates", "MappingTables", "SieveLanguage", "Mail", "Telemetry", nioCore, nioPosix,
                logging,
            ]),
        tests(
            "ScannerTests",
            [
                "ScannerHost", "ScannerWire", "Confinement", "Mail", "CPostern", "CClamAV", "postern-scanner",
                "confinement-probe",
            ]),
        // Enters a confinement profile and tries what it must refuse: a test can't confine itself.
        .executableTarget(
            name: "confinement-probe", dependencies: ["Confinement", "Mail", "CPostern"],
            path: "Tests/ConfinementProbe",
            swiftSettings: strict),
        tests(
            "ConfigurationTests",
            ["Configuration", "Gates", "MappingTables", "SieveLanguage", "Cryptography", "Mail"]),
        tests("GatesTests", ["Gates", "MappingTables", "SieveLanguage", "Mail"]),
        tests(
            "InboundTests",
            [
                "Inbound", "Gates", "DurableQueue", "SMTPProtocol", "SieveLanguage", "MappingTables", "Mail",
                "Telemetry", "Cryptography", nioCore, nioPosix, nioEmbedded, nioSSL, logging,
            ]),
        tests("OutboundTests", ["Outbound", "DurableQueue", "SMTPProtocol", "Mail", "Telemetry", logging]),
        tests("OperationsTests", ["Operations", "Telemetry", "Mail", nioCore, nioPosix]),
        tests(
            "ReplayTests",
            ["Replay", "Gates", "MappingTables", "SieveLanguage", "Mail", "Telemetry", logging]),
        tests("TelemetryTests", ["Telemetry"]),
        // Its other parsers are started from where they stand.
        .testTarget(
            name: "DifferentialTests", dependencies: ["Mail", "Cryptography"], exclude: ["peers.py"],
            swiftSettings: strict),
        tests("CorpusTests", ["SieveLanguage", "Mail"]),
        tests("HouseRulesTests", []),
        tests("CommandTests", ["postern", "postern-scanner", "Mail"]),
        tests("EndToEndTests", ["Mail", "postern", "postern-scanner"]),
    ],
    cxxLanguageStandard: .cxx17
)
