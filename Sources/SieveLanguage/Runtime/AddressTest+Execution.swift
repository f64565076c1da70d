// SPDX-License-Identifier: MIT

extension AddressTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let keys = try keys.keys(&execution)
        var count = 0
        for name in names {
            let addresses =
                if let mime {
                    try execution.addresses(name, selection, mime)
                } else {
                    try execution.addresses(name, selection)
                }
            for address in addresses {
                guard let value = address.value(of: part, delimiter: execution.delimiter) else { continue }
                if !address.isNull { count += 1 }
                if case .count = self.keys.type { continue }
                if try keys.match(value, &execution) { return true }
            }
        }
        if case .count = self.keys.type { return try keys.match(count: count, &execution) }
        return false
    }
}
