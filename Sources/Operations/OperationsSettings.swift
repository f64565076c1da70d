// SPDX-License-Identifier: MIT

/// Where the operations role serves and whom it asks. Paths are relative to the state folder, in which every
/// role runs.
package struct OperationsSettings: Sendable {
    /// The address and port of `/metrics` and `/health`; port 0 has the kernel pick one.
    package var pageAddress: String
    package var pagePort: Int
    /// The Unix stream socket that the command line speaks to.
    package var controlSocketPath = "run/control.sock"
    /// The Unix stream socket of the outbound role.
    package var outboundSocketPath = "run/outbound.sock"
    /// Where every process has its counter page.
    package var countersFolder = "counters"
    package var limits = OperationsLimits()

    /// `pageAddress` is an IP address without brackets.
    package init(pageAddress: String, pagePort: Int) {
        self.pageAddress = pageAddress
        self.pagePort = pagePort
    }
}
