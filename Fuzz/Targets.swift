// SPDX-License-Identifier: MIT
import Glibc

/// libFuzzer's entry. `scripts/fuzz` says in the environment which target this run is for, so that one
/// program serves all of them.
private let run: @Sendable ([UInt8]) -> Void = {
    let name = getenv("POSTERN_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    switch name {
    case "header": return MailExercise.header
    case "mime": return MailExercise.message
    case "words": return MailExercise.words
    case "sieve": return SieveExercise.script
    case "sieve-grammar": return SieveExercise.grammar
    default: preconditionFailure("POSTERN_FUZZ_TARGET names no target; start this with scripts/fuzz")
    }
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ octets: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    run(Array(UnsafeBufferPointer(start: octets, count: count)))
    return 0
}
