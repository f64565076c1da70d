// SPDX-License-Identifier: MIT

import ArgumentParser
import Mail

/// `postern mime parse`: a message's tree of parts.
struct MIMEParseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parse",
        abstract: "Print a message's tree of parts.",
        discussion: """
            Answers {"type","parts":[{"number","type","charset","filename","size","decoded_size","sha256",...},...],\
            "defects"}. Sizes are octets; the digest is that of the decoded body. A part with parts inside has "parts" \
            too, a text with uuencoded or yEnc files "files". Any file is read as a message; "defects" says what is \
            wrong with it (docs/mime-defects.md).
            """)

    @Argument(help: ArgumentHelp("The message's file.", valueName: "file"))
    var file: String

    func run() throws {
        let bytes = MessageBytes(try InputFile.read(file, octetsMax: InputFile.messageOctetsMax))
        try StandardOutput.print(json: PartTreeReport(Message(parsing: bytes).parts(), in: bytes))
    }
}
