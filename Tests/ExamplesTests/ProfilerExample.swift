import Architectures
import Profiler
import Testing
import TestSupport

// example: Profiler
func fastestRun(of architecture: Architecture, runs: Int) throws -> Duration? {
    let runtime = try XNNPACKRuntime(threads: 1)
    let network = try runtime.prepare(architecture.network)
    let clock = ContinuousClock()
    return try (0..<runs).map { _ in try clock.measure { try network.run {} } }.min()
}
// end of example

@Suite("The example of Profiler")
struct ProfilerExample {
    @Test("runs a network and takes its time")
    func run() throws {
        let architecture = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")).smallest
        let duration = try #require(try fastestRun(of: architecture, runs: 3))
        #expect(duration > .microseconds(1))
    }
}
