// SPDX-License-Identifier: MIT

internal import Mail

extension ReportCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let type = try execution.octets(of: type)
        guard Self.isType(type) else { throw .fault("\(MistakeList.quoted(type)) is no feedback type") }
        let text = try execution.octets(of: address)
        guard let address = RedirectCommand.address(text) else {
            throw .fault("\(MistakeList.quoted(text)) is not an address that mail can be sent to")
        }
        try execution.take(
            .report(
                .init(
                    feedbackType: String(decoding: type, as: UTF8.self),
                    message: try execution.text(of: message), address: address.description,
                    isHeadersOnly: isHeadersOnly)))
    }
}
