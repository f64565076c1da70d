// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc

/// The folder that signatures are loaded from.
struct SignatureFolder: Hashable {
    let path: String
    /// Names of the files in it that hold signatures.
    let files: [String]

    /// Names in one folder that are looked at, at most. ClamAV's own folder has under twenty.
    static let entriesMax = 10_000

    /// Files that libclamav takes signatures from. Its allow-lists, file types and settings are none.
    private static let endings: Set<String> = [
        "cvd", "cld", "cud", "db", "hdb", "hdu", "mdb", "mdu", "hsb", "hsu", "msb", "msu", "ndb", "ndu",
        "ldb", "ldu",
        "sdb", "zmd", "rmd", "idb", "imp", "pdb", "gdb", "cdb", "cbc", "yar", "yara",
    ]

    init(at path: String) throws(ScannerExit) {
        guard let folder = opendir(path) else {
            throw ScannerExit(
                .noSignatures,
                "cannot read the signature folder \(path): \(describe(errno)); create it or name another")
        }
        defer { closedir(folder) }
        var files: [String] = []
        var entries = 0
        while entries < Self.entriesMax, let entry = readdir(folder) {
            entries += 1
            guard let text = postern_entry_name(entry) else { continue }
            let name = String(cString: text)
            if let dot = name.lastIndex(of: "."),
                Self.endings.contains(String(name[name.index(after: dot)...]))
            {
                files.append(name)
            }
        }
        guard !files.isEmpty else {
            throw ScannerExit(
                .noSignatures,
                "no signature file in \(path): run freshclam, or name the folder that it fills")
        }
        self.path = path
        self.files = files.sorted()
    }

    /// Every file is one for tests and demonstrations: nothing real would be found.
    var hasOnlyTestSignatures: Bool { files.allSatisfy { $0.hasPrefix("test-") } }
}

/// The system's words for an error number.
func describe(_ number: Int32) -> String {
    guard let words = strerror(number) else { return "error \(number)" }
    return String(cString: words)
}
