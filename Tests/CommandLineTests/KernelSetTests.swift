import TestSupport
import Testing

@Suite("The kernel set that the environment asks for")
struct KernelSetTests {
    @Test("is refused by every command where this CPU does not run it, in a sentence that names those it runs", arguments: [
        ["show", "devices"], ["estimate", "--architecture", "single-path-nas", "--device", "pixel1"],
        ["benchmark", "step", "--space", "fashion-mnist"],
        ["search", "--space", "fashion-mnist", "--device", "pixel1", "--data", "fashion-mnist", "--output", "never-made"],
    ])
    func unknown(command: [String]) throws {
        for name in ["typo", "AVX2", "avx-512", " portable"] {
            let outcome = try Program.run(command, environment: ["ONEPATH_KERNELS": name])
            #expect(outcome.status == 64 && !outcome.isKilled && outcome.output == "", "\(outcome)")
            let sentence = try #require(
                outcome.error.wholeMatch(
                    of: #/onepath: ONEPATH_KERNELS: expected a kernel set that this CPU runs \((.*)\), found "(.*)"\n/#),
                "\(outcome.error)")
            #expect(sentence.2 == name)
            // Those it names are accepted.
            for known in sentence.1.split(separator: ", ") + [""] {
                #expect(try Program.run(["show", "devices"], environment: ["ONEPATH_KERNELS": String(known)]).status == 0, "\(known)")
            }
        }
    }
}
