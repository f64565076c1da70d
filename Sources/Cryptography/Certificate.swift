// SPDX-License-Identifier: MIT
internal import CLibcrypto

/// A certificate of our own, so that STARTTLS works from the first start. Nobody trusts it by name;
/// opportunistic TLS (RFC 7435) asks for no more.
package enum Certificate {
    /// Days of validity, at most: ten years.
    package static let daysMax = 3_650

    /// A key on curve P-256 (RFC 5480) and a certificate for it, signed by itself, with `hostname` as its
    /// only subject alternative name (RFC 5280 §4.2.1.6): a DNS name, or an address where it is an IPv4
    /// address.
    ///
    /// Valid from an hour ago, since clocks differ, for `days` (1...`daysMax`). Both come back as PEM (RFC
    /// 7468), the key as unencrypted PKCS #8: the caller keeps it readable by its owner alone.
    package static func makeSelfSigned(
        hostname: String, days: Int
    ) throws(CryptographyError) -> (certificatePEM: [UInt8], keyPEM: [UInt8]) {
        guard isHostname(hostname) else {
            throw CryptographyError("\"\(hostname)\" is no host name: letters, digits, \"-\" and \".\" only")
        }
        guard (1...daysMax).contains(days) else {
            throw CryptographyError("a certificate can be made for 1 to \(daysMax) days, not for \(days)")
        }
        let key = try makeKey()
        defer { EVP_PKEY_free(key) }
        guard let certificate = X509_new() else { throw .libcrypto("make a certificate") }
        defer { X509_free(certificate) }
        try describe(certificate, hostname: hostname, days: days, key: key)
        try addExtension(NID_basic_constraints, "critical,CA:FALSE", to: certificate)
        try addExtension(NID_key_usage, "critical,digitalSignature", to: certificate)
        try addExtension(NID_ext_key_usage, "serverAuth", to: certificate)
        let kind = isIPv4(hostname) ? "IP" : "DNS"
        try addExtension(NID_subject_alt_name, "\(kind):\(hostname)", to: certificate)
        guard X509_sign(certificate, key, EVP_sha256()) > 0 else { throw .libcrypto("sign a certificate") }
        let certificatePEM = try pem("write a certificate") { PEM_write_bio_X509($0, certificate) }
        let keyPEM = try pem("write a private key") {
            PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil)
        }
        return (certificatePEM, keyPEM)
    }

    /// What goes into an extension's text must not be able to end it: a comma would begin another name.
    private static func isHostname(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= 253 else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
                    default: false
                    }
                }
        }
    }

    private static func isIPv4(_ text: String) -> Bool {
        let fields = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return fields.count == 4 && fields.allSatisfy { UInt8(String($0) ?? "") != nil }
    }

    private static func makeKey() throws(CryptographyError) -> OpaquePointer {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { throw .libcrypto("prepare a key") }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) > 0,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) > 0,
            EVP_PKEY_keygen(context, &key) > 0, let key
        else { throw .libcrypto("make a key") }
        return key
    }

    private static func describe(
        _ certificate: OpaquePointer, hostname: String, days: Int, key: OpaquePointer
    ) throws(CryptographyError) {
        // 159 random bits behind a leading zero: positive, and of 20 octets at most (RFC 5280 §4.1.2.2).
        var serial = SecureRandom.bytes(20)
        serial[0] &= 0x7F
        guard let number = BN_bin2bn(serial, Int32(serial.count), nil) else {
            throw .libcrypto("make a serial number")
        }
        defer { BN_free(number) }
        let hour = 3_600
        guard X509_set_version(certificate, 2) > 0,  // 2 says version 3
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil,
            X509_gmtime_adj(X509_getm_notBefore(certificate), -hour) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), days * 24 * hour) != nil,
            X509_set_pubkey(certificate, key) > 0,
            let name = X509_get_subject_name(certificate)
        else { throw .libcrypto("fill in a certificate") }
        // A common name has 64 characters at most (RFC 5280, ub-common-name); a longer host stands in the
        // alternative name alone, where verifiers look anyway (RFC 6125 §6.4.4).
        if hostname.utf8.count <= 64 {
            let added = X509_NAME_add_entry_by_NID(
                name, NID_commonName, MBSTRING_ASC, Array(hostname.utf8), Int32(hostname.utf8.count), -1, 0)
            guard added > 0 else { throw .libcrypto("name a certificate") }
        }
        guard X509_set_issuer_name(certificate, name) > 0 else {
            throw .libcrypto("name a certificate's issuer")
        }
    }

    private static func addExtension(
        _ kind: Int32, _ value: String, to certificate: OpaquePointer
    ) throws(CryptographyError) {
        guard let built = X509V3_EXT_conf_nid(nil, nil, kind, value) else {
            throw .libcrypto("make the extension \"\(value)\"")
        }
        defer { X509_EXTENSION_free(built) }
        guard X509_add_ext(certificate, built, -1) > 0 else {
            throw .libcrypto("add the extension \"\(value)\"")
        }
    }

    /// What `write` leaves in a memory buffer of libcrypto.
    private static func pem(
        _ doing: String, _ write: (OpaquePointer) -> Int32
    ) throws(CryptographyError) -> [UInt8] {
        guard let buffer = BIO_new(BIO_s_mem()) else { throw .libcrypto(doing) }
        defer { BIO_free(buffer) }
        guard write(buffer) > 0 else { throw .libcrypto(doing) }
        var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(buffer)))
        let count = BIO_read(buffer, &bytes, Int32(clamping: bytes.count))
        guard count == bytes.count, count > 0 else { throw .libcrypto(doing) }
        return bytes
    }
}
