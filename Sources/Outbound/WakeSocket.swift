// SPDX-License-Identifier: MIT

internal import Glibc

/// The datagram socket on which Inbound hints that something was committed. A datagram's content means
/// nothing, and a lost one costs no more than the poll interval: the spool's committed offset is what counts.
struct WakeSocket: ~Copyable {
    let descriptor: Int32

    /// Replaces whatever a predecessor left at `path`.
    init(path: String) throws(OutboundError) {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else {
            throw .system(.socket, "wake socket \(path)", help: "raise the limit of open files")
        }
        guard var address = Self.address(path) else {
            close(descriptor)
            throw OutboundError(
                code: .socket,
                message:
                    "wake socket \(path): the path is longer than 107 octets; choose a shorter state folder")
        }
        unlink(path)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, chmod(path, 0o660) == 0 else {
            let number = errno
            close(descriptor)
            throw .system(
                .socket, "wake socket \(path)", help: "check that its folder exists and is writable",
                number: number)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Datagrams taken at once, at most: one of our own processes, taken over, must not keep us from working.
    private static let drainMax = 1_000

    /// Throws pending hints away; true if there were any.
    func drain() -> Bool {
        var wasHinted = false
        var octets: (UInt64, UInt64) = (0, 0)
        for _ in 0..<Self.drainMax {
            guard recv(descriptor, &octets, 16, Int32(MSG_DONTWAIT)) >= 0 else { break }
            wasHinted = true
        }
        return wasHinted
    }

    /// Nil where `path` doesn't fit.
    static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard octets.count < place.count else { return false }
            place.copyBytes(from: octets)
            return true
        }
        return fits ? address : nil
    }
}
