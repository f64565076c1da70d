// SPDX-License-Identifier: MIT

import FoundationEssentials
import Testing

@testable import Mail

@Suite("Every defect has a name, a sample, a remedy and a line in the documentation")
struct MessageDefectTests {
    @Test("a message with the defect is told to have it", arguments: DefectSample.all)
    func named(sample: DefectSample) {
        let message = sample.message
        let tree = message.parts(limits: sample.limits)
        #expect(tree.allDefects(in: message.bytes, limits: sample.limits).contains(sample.defect))
    }

    @Test("no defect is without a sample")
    func complete() {
        #expect(Set(DefectSample.all.map(\.defect)) == Set(MessageDefect.allCases))
    }

    @Test("docs/mime-defects.md has a line for each, with its remedy, and no other")
    func documented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/mime-defects.md"), encoding: .utf8)
        var remedies: [String: String] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { String($0.trimming { $0 == " " }) }
            guard cells.count == 4 else {
                Issue.record("a line of the page has \(cells.count) cells, not 4: \(line)")
                continue
            }
            let name = String(cells[0].dropFirst().dropLast())
            #expect(remedies[name] == nil, "\(name) stands twice")
            remedies[name] = String(cells[3].prefix { $0 != ":" && $0 != " " })
        }
        for defect in MessageDefect.allCases {
            #expect(remedies[defect.rawValue] == defect.remedy.rawValue, "\(defect.rawValue)")
        }
        #expect(Set(remedies.keys) == Set(MessageDefect.allCases.map(\.rawValue)))
    }
}

extension StringProtocol {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> SubSequence {
        var rest = drop(while: isTrimmed)
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return rest
    }
}
