import Files
import Runs
import TestSupport
import Testing
import Training

// example: Runs
func train(_ trainer: Trainer, in path: String) throws -> [Double] {
    let directory = try RunDirectory(creating: path, configuration: ["train_examples": 167])
    let driver = RunDriver(trainer, in: directory, checkpointEvery: 10)
    while try driver.next() != nil {}
    return try JSONLines.read(directory.metricsPath, what: "metrics") { line in
        try line.members().first { $0.key == "cross_entropy" }?.node.number(in: 0...1e6) ?? 0
    }
}
// end of example

@Suite("The example of Runs")
struct RunsExample {
    @Test("trains in a new folder, and refuses one that holds a run")
    func run() throws {
        let directory = try TemporaryDirectory(), path = directory.file("run")
        let losses = try train(SmallRuns.training(), in: path)
        #expect(losses.count >= 3 && losses.allSatisfy { $0 > 0 && $0 < 10 })
        #expect(throws: FileError.self) { try train(SmallRuns.training(), in: path) }
    }
}
