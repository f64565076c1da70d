// SPDX-License-Identifier: MIT

/// Names of tables: a letter, then letters, digits, `_`, `-` and `.`; compared without regard to case.
enum TableName {
    static func isOctet(_ octet: UInt8) -> Bool {
        octet.isASCIILetter || octet.isASCIIDigit || octet == UInt8(ascii: "_") || octet == UInt8(ascii: "-")
            || octet == UInt8(ascii: ".")
    }

    static func isName(_ octets: some Collection<UInt8>) -> Bool {
        octets.first?.isASCIILetter == true && octets.allSatisfy(isOctet)
    }

    /// The form in which names are compared.
    static func folded(_ octets: some Sequence<UInt8>) -> String {
        String(decoding: octets.map(\.asciiUppercased), as: UTF8.self)
    }
}
