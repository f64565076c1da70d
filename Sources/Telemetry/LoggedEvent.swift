// SPDX-License-Identifier: MIT

package import Logging

/// Something that happened and that an operator may look for. A target's events are one enum; names and
/// fields are an
/// interface, `docs/events.md` lists each, and a test compares the two. Content and subjects are never
/// fields.
package protocol LoggedEvent: Sendable {
    /// `noun.verb`: `message.settled`.
    var name: String { get }
    /// error: someone must act. warning: we mended it, look when convenient. info: normal life. debug: for
    /// us.
    var level: Logger.Level { get }
    /// Ids first; units in the names. Values are escaped when written.
    var fields: [(String, String)] { get }
}

extension Logger {
    /// Writes an event; nothing is built when its level is off.
    package func log(_ event: some LoggedEvent) {
        let level = event.level
        guard level >= logLevel else { return }
        log(
            level: level, "\(event.name)",
            metadata: [LogfmtHandler.fieldsKey: .string(LogfmtHandler.line(event.fields))])
    }
}
