// SPDX-License-Identifier: MIT

internal import MappingTables
internal import SieveLanguage

/// Values on their way into a language: what they hold stays a value.
enum FilterQuoting {
    static func script(_ value: String) -> String { StoredRules.quoted(value) }
    static func directoryName(_ value: String) -> String { DirectoryText.nameValue(value) }
    static func directoryFilter(_ value: String) -> String { DirectoryText.filterValue(value) }
}
