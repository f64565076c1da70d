// SPDX-License-Identifier: MIT

/// How the octets of a charset become text. One that mail names is looked up here, so that a name from
/// outside never reaches the C library: it would take suffixes, file names and the locale's charset.
enum Charset: Hashable, Sendable {
    /// US-ASCII too: where it holds other octets, UTF-8 is the likeliest.
    case utf8
    case latin1
    case latin9
    case windows1252
    /// Big-endian unless a byte order mark says otherwise (RFC 2781 §4.3).
    case utf16
    case utf16BigEndian
    case utf16LittleEndian
    /// The same with four octets.
    case utf32
    case utf32BigEndian
    case utf32LittleEndian
    case utf7
    /// ISO-2022-JP (RFC 1468) and its kin.
    case shiftedJapanese
    /// ISO-2022-KR (RFC 1557).
    case shiftedKorean
    /// HZ-GB-2312 (RFC 1843).
    case shiftedChinese
    /// The C library converts it, under this name of its own. None of these has a state that outlives a
    /// character.
    case system(StaticName)

    /// A name from this file.
    struct StaticName: Hashable, Sendable {
        let text: String
        fileprivate init(_ text: String) { self.text = text }
    }

    static let eucJapanese = StaticName("EUC-JP-MS")
    /// Korean, with all that Windows added to EUC-KR.
    static let unifiedHangul = StaticName("UHC")
    /// GB 2312 and GBK are parts of it.
    static let chinese = StaticName("GB18030")

    /// Octets of a charset's name; the longest registered one has 45.
    static let nameOctetsMax = 45

    /// The charset of that name, whatever the case of its letters; nil for an unknown one.
    static func named(_ name: String) -> Charset? {
        guard name.utf8.count <= nameOctetsMax else { return nil }
        if let charset = byName[name] { return charset }
        return byName[ASCII.lowered(name.utf8)]
    }

    /// The names of every charset that the C library converts.
    static var systemNames: [String] {
        let names = byName.values.compactMap { charset -> String? in
            if case .system(let name) = charset { name.text } else { nil }
        }
        return Set(names).sorted()
    }

    /// Names and aliases of the IANA registry, and those that mail programs write, in lower case.
    private static let byName: [String: Charset] = {
        var byName: [String: Charset] = [:]
        func add(_ charset: Charset, _ names: String) {
            for name in names.split(separator: " ") { byName[String(name)] = charset }
        }
        add(
            .utf8,
            """
            utf-8 utf8 unicode-1-1-utf-8 utf8mb4 us-ascii ascii ansi_x3.4-1968 ansi_x3.4-1986 iso646-us \
            iso_646.irv:1991 iso-ir-6 us 646 cp367 ibm367 csascii csutf8
            """)
        add(
            .latin1,
            "iso-8859-1 iso8859-1 iso_8859-1 iso_8859-1:1987 iso88591 latin1 latin-1 l1 cp819 ibm819 iso-ir-100"
                + " csisolatin1")
        add(
            .latin9,
            "iso-8859-15 iso8859-15 iso_8859-15 iso_8859-15:1998 iso885915 latin9 latin-9 csiso885915")
        add(
            .windows1252,
            "windows-1252 cp1252 cp-1252 x-cp1252 win-1252 win1252 windows1252 cswindows1252 ansi x-ansi")
        add(.utf16, "utf-16 utf16 csutf16 unicode iso-10646-ucs-2 ucs-2 ucs2 csunicode")
        add(.utf16BigEndian, "utf-16be utf16be csutf16be ucs-2be")
        add(.utf16LittleEndian, "utf-16le utf16le csutf16le ucs-2le")
        add(.utf32, "utf-32 utf32 csutf32 ucs-4 ucs4 iso-10646-ucs-4 csucs4")
        add(.utf32BigEndian, "utf-32be utf32be csutf32be ucs-4be")
        add(.utf32LittleEndian, "utf-32le utf32le csutf32le ucs-4le")
        add(.utf7, "utf-7 utf7 csutf7 unicode-1-1-utf-7 csunicode11utf7 x-unicode-2-0-utf-7")
        add(
            .shiftedJapanese,
            """
            iso-2022-jp iso2022-jp iso2022jp csiso2022jp iso-2022-jp-ms iso-2022-jp-1 iso-2022-jp-2 \
            csiso2022jp2 cp50220 cp50221 cp50222 x-iso-2022-jp jis
            """)
        add(.shiftedKorean, "iso-2022-kr iso2022-kr iso2022kr csiso2022kr")
        add(.shiftedChinese, "hz-gb-2312 hz")
        for (name, names) in systemNamesAndAliases { add(.system(StaticName(name)), names) }
        for (number, years) in [
            (2, "1987 latin2 latin-2 l2 iso-ir-101 csisolatin2"),
            (3, "1988 latin3 latin-3 l3 iso-ir-109 csisolatin3"),
            (4, "1988 latin4 latin-4 l4 iso-ir-110 csisolatin4"),
            (5, "1988 cyrillic iso-ir-144 csisolatincyrillic"),
            (6, "1987 arabic iso-ir-127 ecma-114 asmo-708 csisolatinarabic iso-8859-6-i iso-8859-6-e"),
            (7, "1987 greek greek8 iso-ir-126 ecma-118 elot_928 csisolatingreek"),
            (8, "1988 hebrew iso-ir-138 csisolatinhebrew iso-8859-8-i iso-8859-8-e visual logical"),
            (9, "1989 latin5 latin-5 l5 iso-ir-148 csisolatin5"),
            (10, "1992 latin6 latin-6 l6 iso-ir-157 csisolatin6"),
            (11, "2001"), (13, "1998 latin7 latin-7 csiso885913"),
            (14, "1998 latin8 latin-8 l8 iso-celtic iso-ir-199 csiso885914"),
            (16, "2001 latin10 latin-10 l10 iso-ir-226 csiso885916"),
        ] {
            let words = years.split(separator: " ", maxSplits: 1)
            let own =
                "iso-8859-\(number) iso8859-\(number) iso_8859-\(number) iso8859\(number) "
                + "iso_8859-\(number):\(words[0])"
            add(.system(StaticName("ISO-8859-\(number)")), own)
            if words.count > 1 { add(.system(StaticName("ISO-8859-\(number)")), String(words[1])) }
        }
        for page in [1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258] {
            add(
                .system(StaticName("CP\(page)")),
                "windows-\(page) cp\(page) cp-\(page) x-cp\(page) win-\(page) win\(page) windows\(page) "
                    + "cswindows\(page)")
        }
        for page in [437, 850, 852, 855, 857, 860, 861, 862, 863, 864, 865, 866, 869] {
            add(.system(StaticName("IBM\(page)")), "cp\(page) ibm\(page) cp-\(page) \(page) ibm-\(page)")
        }
        return byName
    }()

    /// The C library's name, and what mail calls it. A name stands for the widest charset that senders mean
    /// by it: what is Shift_JIS, GB2312 or KS C 5601 by its label comes from Windows, and has more.
    private static let systemNamesAndAliases: [(String, String)] = [
        (
            "CP932",
            """
            shift_jis shift-jis shiftjis sjis x-sjis ms_kanji csshiftjis windows-31j cswindows31j cp932 \
            ms932 windows-932 x-ms-cp932
            """
        ),
        (
            "EUC-JP-MS",
            "euc-jp eucjp x-euc-jp x-euc extended_unix_code_packed_format_for_japanese cseucpkdfmtjapanese "
                + "eucjp-ms cp51932"
        ),
        (
            "UHC",
            """
            euc-kr euckr cseuckr ks_c_5601-1987 ks_c_5601-1989 ks_c_5601 ks-c-5601-1987 ksc_5601 ksc5601 \
            korean iso-ir-149 csksc56011987 uhc cp949 ms949 windows-949
            """
        ),
        ("JOHAB", "johab cp1361"),
        (
            "GB18030",
            """
            gb18030 gb-18030 csgb18030 gbk cp936 ms936 windows-936 csgbk x-gbk gb2312 gb-2312 csgb2312 \
            gb_2312-80 iso-ir-58 chinese csiso58gb231280 euc-cn euccn x-euc-cn cn-gb
            """
        ),
        ("BIG5", "big5 big-5 csbig5 cn-big5 x-x-big5 big5-eten cp950 ms950 windows-950"),
        ("BIG5-HKSCS", "big5-hkscs big5hkscs csbig5hkscs"),
        ("EUC-TW", "euc-tw euctw x-euc-tw"),
        ("KOI8-R", "koi8-r koi8r koi8 cskoi8r koi"),
        ("KOI8-U", "koi8-u koi8u cskoi8u"),
        ("KOI8-RU", "koi8-ru"),
        ("KOI8-T", "koi8-t"),
        ("CP874", "windows-874 cp874 x-cp874 cswindows874 dos-874"),
        ("TIS-620", "tis-620 tis620 cstis620"),
        ("VISCII", "viscii csviscii"),
        ("TCVN", "tcvn tcvn-5712 tcvn5712-1"),
        ("CP858", "cp858 ibm00858 cp00858 csibm00858 pc-multilingual-850+euro"),
        ("MACINTOSH", "macintosh mac csmacintosh x-mac-roman macroman x-macroman"),
        ("MAC-CYRILLIC", "x-mac-cyrillic mac-cyrillic maccyrillic"),
        ("MAC-CENTRALEUROPE", "x-mac-ce x-mac-centraleurroman mac-centraleurope"),
        ("ARMSCII-8", "armscii-8"),
        ("GEORGIAN-PS", "georgian-ps"),
    ]
}
