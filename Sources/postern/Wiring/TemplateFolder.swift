// SPDX-License-Identifier: MIT

import Configuration
import Gates
import Mail
import SieveLanguage

/// The templates that stand with the rules, and what scripts made from them may do.
struct TemplateFolder {
    /// By name.
    let templates: [FilterTemplate]
    let policy: FilterPolicy

    /// Mistakes in templates go to standard error; those without are there all the same.
    init(_ option: ConfigurationOption) throws(CommandFailure) {
        let sources = try option.read().sources
        policy = option.settings(of: sources)?.policy.filters ?? FilterPolicy()
        var found: [FilterTemplate] = []
        for (name, file) in sources.templates {
            let parsed = FilterTemplate.parse(
                name: name, file: sources.shown(file.name), source: file.bytes, limits: policy.userLimits,
                withheld: policy.withheldFromUsers)
            for complaint in parsed.complaints {
                StandardError.print(Diagnostic(complaint, source: file.bytes).description)
            }
            if let template = parsed.template { found.append(template) }
        }
        templates = found
    }

    var withheld: Set<String> { policy.withheldFromUsers }

    func template(_ name: String) throws(CommandFailure) -> FilterTemplate {
        guard let template = templates.first(where: { $0.name == name }) else {
            let names = templates.map(\.name).joined(separator: ", ")
            throw .badUsage(
                "there is no template \"\(name)\"; there are \(names.isEmpty ? "none" : names)")
        }
        return template
    }
}
