// SPDX-License-Identifier: MIT

internal import Mail

/// Looks the identity's entry up and binds as it, on a connection that nobody uses after.
final class BindChecker: SecretChecker {
    private let client: DirectoryClient
    private let directory: String
    private let filter: String
    private let addressAttribute: String

    /// `filter` holds `%u` where the identity goes.
    init(client: DirectoryClient, directory: String, filter: String, addressAttribute: String) {
        self.client = client
        self.directory = directory
        self.filter = filter
        self.addressAttribute = addressAttribute
    }

    func check(_ identity: String, secret: [UInt8], deadlineMs: Int64) -> IdentityAnswer {
        let question = DirectoryQuestion(
            directory: directory, base: "", scope: .sub, filter: Self.filled(filter, identity),
            attributes: [addressAttribute])
        if let objection = DirectorySense.objection(to: question) { return .failed(objection) }
        do throws(DirectoryFailure) {
            let found = try search(question, deadlineMs: deadlineMs)
            // Two entries with one name: whose secret would it be?
            guard found.count == 1, let entry = found.first else { return .refused }
            try client.check(entry.name, secret: secret, deadlineMs: deadlineMs)
            let said = entry.attributes.first { $0.name == addressAttribute }?.values.first ?? identity
            guard let address = Address(said) else {
                return .failed(
                    "directory \(directory): \(entry.name) has no mail address in \(addressAttribute)")
            }
            return .verified(address: address)
        } catch {
            return switch error {
            case .wrongSecret: .refused
            case .gone(let reason), .slow(let reason), .refused(let reason):
                .failed("directory \(directory): \(reason)")
            }
        }
    }

    func rest() { client.closeIfIdle() }
    func end() { client.closeNow() }

    /// Our own bind's failure is no answer to the client's.
    private func search(
        _ question: DirectoryQuestion, deadlineMs: Int64
    ) throws(DirectoryFailure) -> [DirectoryEntry] {
        do throws(DirectoryFailure) {
            return try client.search(question, deadlineMs: deadlineMs)
        } catch {
            if case .wrongSecret = error { throw .gone("the search was refused") }
            throw error
        }
    }

    /// The template with every `%u` replaced by the identity, quoted (RFC 4515 §3): it stays one value.
    static func filled(_ template: String, _ identity: String) -> String {
        var quoted = ""
        for byte in identity.utf8 {
            switch byte {
            case 0x00...0x1F, UInt8(ascii: "*"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\\"),
                0x7F...0xFF:
                quoted += "\\" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            default: quoted.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        let parts = template.split(separator: "%u", omittingEmptySubsequences: false)
        return parts.joined(separator: quoted)
    }
}
