// SPDX-License-Identifier: MIT

/// Formats that hold files and that libclamav 1.4 doesn't know, or can't see into: it looks at their octets,
/// finds nothing and calls them clean, while the recipient's archiver opens them.
enum ForeignFormat {
    /// In words, or nil.
    ///
    /// - Parameter type: as libclamav names what it took the content for.
    static func name(of content: UnsafeRawBufferPointer, type: String) -> String? {
        if type == "CL_TYPE_MSOLE2" {
            return isEncryptedOffice(content) ? "an encrypted Office document" : nil
        }
        return signatures.first { content.starts(with: $0.octets, at: $0.offset) }?.name
    }

    private static let signatures: [(name: String, offset: Int, octets: [UInt8])] = [
        ("a Zstandard archive", 0, [0x28, 0xB5, 0x2F, 0xFD]),
        ("an LZ4 archive", 0, [0x04, 0x22, 0x4D, 0x18]),
        ("an lzip archive", 0, Array("LZIP".utf8)),
        ("a compress archive", 0, [0x1F, 0x9D]),
        ("an ACE archive", 7, Array("**ACE**".utf8)),
        ("a ZPAQ archive", 0, Array("7kSt".utf8)),
        ("an ARC archive of FreeArc", 0, [0x41, 0x72, 0x43, 0x01]),
        ("a Windows image", 0, Array("MSWIM\0\0\0".utf8)),
        ("a VHDX disk image", 0, Array("vhdxfile".utf8)),
        ("a VHD disk image", 0, Array("conectix".utf8)),
    ]

    /// An OLE2 file with a stream "EncryptedPackage": a Word, Excel or PowerPoint file with a password
    /// ([MS-OFFCRYPTO] 2.3.4.4). A directory entry begins with its name in UTF-16 and lies on a multiple of
    /// 128 octets.
    private static func isEncryptedOffice(_ content: UnsafeRawBufferPointer) -> Bool {
        let name = "EncryptedPackage".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return stride(from: 0, to: content.count, by: 128).contains { content.starts(with: name, at: $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func starts(with octets: [UInt8], at offset: Int) -> Bool {
        guard count - offset >= octets.count else { return false }
        return zip(self[offset...], octets).allSatisfy { $0 == $1 }
    }
}
