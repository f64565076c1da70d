// SPDX-License-Identifier: MIT

import Glibc

/// The layout of the state folder. Every role runs with this folder as its working directory, so that all
/// paths are relative and a role that changed its user needs no right to walk the folders above.
enum StateFolder {
    static let folders = [
        "run", "counters", "attempts", "spool", "queue", "queue/owed", "queue/held", "cases", "rulesets",
        "tls", "tmp", "copies", "lookups", "sequences",
    ]
    static let controlSocket = "run/control.sock"
    static let lookupsSocket = "run/lookups.sock"
    static let outboundSocket = "run/outbound.sock"
    static let wakeSocket = "run/wake.sock"
    /// What the lookups role keeps: meters, memory.
    static let keptFolder = "lookups"
    static let meterLog = "lookups/meters"
    static let memoryLog = "lookups/memory"
    static let sequenceFolder = "sequences"
    static let lockFile = "run/dispatcher.lock"
    /// Copies of what was delivered, where a rule asks for them.
    static let copiesFolder = "copies"
    static let runningMark = "run/running"

    static func scannerSocket(_ name: String) -> String { "run/scanner-\(name).sock" }

    /// Makes what is missing, readable by its owner and group alone, and gives it to `owner` where we are
    /// root.
    static func prepare(_ path: String, owner: (user: UInt32, group: UInt32)?) throws(StateFolderError) {
        for name in [""] + folders {
            let folder = name.isEmpty ? path : path + "/" + name
            if mkdir(folder, 0o750) != 0, errno != EEXIST {
                throw StateFolderError(path: folder, reason: String(cString: strerror(errno)))
            }
            if let owner, chown(folder, owner.user, owner.group) != 0 {
                throw StateFolderError(path: folder, reason: String(cString: strerror(errno)))
            }
        }
        // The queue's folders must survive a power cut before the first message does.
        for folder in [path, path + "/queue"] {
            let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { if descriptor >= 0 { close(descriptor) } }
            guard descriptor >= 0, fsync(descriptor) == 0 else {
                throw StateFolderError(path: folder, reason: String(cString: strerror(errno)))
            }
        }
    }
}

/// A state folder that can't be used.
struct StateFolderError: Error, CustomStringConvertible {
    let path: String
    let reason: String
    var description: String {
        "state folder \(path): \(reason); see `state` in postern.toml and who may write there"
    }
}
