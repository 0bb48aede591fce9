import Runs
import SupernetSearch
import Testing
import TestSupport

// example: Runs
func finish(_ driver: RunDriver<Search>) throws -> Int {
    var candidates = 0
    while let event = try driver.next() {
        if case .candidate(let done, _) = event { candidates = done }
    }
    return candidates
}
// end of example

@Suite("The example of Runs")
struct RunsExample {
    @Test("runs a search to its end, in a directory")
    func driving() throws {
        let directory = try TemporaryDirectory()
        let search = try SmallRuns.search()
        let run = try RunDirectory(creating: directory.file("run"), configuration: [:])
        let candidates = try finish(RunDriver(search, in: run, checkpointEvery: 10))
        // There may be no more that keep the target.
        #expect((1...SmallRuns.searchConfiguration().candidates).contains(candidates) && search.isFound)
        #expect(run.checkpoints.steps.last == search.steps)
    }
}
