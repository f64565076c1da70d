// SPDX-License-Identifier: MIT
import Testing

@Suite("postern config bench")
struct ConfigBenchCommandTests {
    @Test("prints a configuration that check takes as it is", arguments: [false, true])
    func complete(scanner: Bool) throws {
        let folder = try Folder()
        let ran = try Program.run(
            [
                "config", "bench", "--listen", "127.0.0.1:0", "--next-hop", "127.0.0.1:10025", "--state",
                "run/state",
            ]
                + ["--rules", "\(Program.project)/rules"] + (scanner ? ["--scanner"] : []), in: folder)
        #expect(ran.status == 0)
        #expect(ran.errors.isEmpty)
        #expect(ran.output.contains("next_hop = \"127.0.0.1:10025\""))
        #expect(ran.output.contains("/run/state\""))
        #expect(ran.output.contains("[scanner.clamav]") == scanner)
        let file = try folder.write(ran.output, to: "bench.toml")
        let checked = try Program.run("check", "--config", file, in: folder)
        #expect(checked.status == 0, "\(checked)")
        #expect(!checked.output.contains(#""severity":"error""#))
        #expect(checked.output.contains("only test signatures") == scanner)
    }
}
