import Files
import Foundation
import Runs
import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("Driver of a run")
struct RunDriverTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// What a run's log takes.
    private final class Log: StepLog {
        private(set) var lines: [JSON] = []
        func append(metrics: JSON) { lines.append(metrics) }
        func append(step: Int, scalars: [(name: String, value: Double)]) {}
    }

    private func lines(of run: RunDirectory) throws -> [JSON] {
        try JSONLines.read(run.metricsPath, what: "metrics") { $0.value }
    }

    /// Lets a run go on to its end, and expects after each event what is to be on the disk.
    private func check<Run: ResumableRun>(_ run: Run, checkpoints: [Int]) throws {
        let log = Log()
        let driver = RunDriver(
            run, in: try RunDirectory(creating: directory.file("run"), configuration: [:]), checkpointEvery: 7, log: log)
        #expect(try lines(of: driver.directory) == [] && driver.directory.checkpoints.steps == [])
        while try driver.next() != nil {
            #expect(try lines(of: driver.directory).map { $0["step"] } == (1...run.step).filter(run.isLogged).map(JSON.integer))
            #expect(driver.directory.checkpoints.steps == checkpoints.filter { $0 <= run.step }.suffix(2))
        }
        #expect(try driver.next() == nil)
        #expect(run.step == run.steps)
        #expect(try lines(of: driver.directory) == log.lines)
        #expect(driver.directory.checkpoints.steps == checkpoints.suffix(2))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.file("run")).sorted()
                == ["checkpoints", "config.json", "metrics.jsonl"])
    }

    @Test("writes metrics of the logged steps, and checkpoints where they are due and at the end: of a training")
    func training() throws { try check(SmallRuns.training(), checkpoints: [7, 14, 21, 28, 30]) }

    @Test("the same of a search, which keeps one before it ranks candidates, and none while it does")
    func search() throws {
        var configuration = SmallRuns.searchConfiguration()
        // From step 34 on it fine-tunes.
        configuration.fineTuneFraction = 0.15
        try check(SmallRuns.search(configuration), checkpoints: [7, 14, 21, 28, 34, 35, 40])
    }

    @Test("stopped at any event keeps a checkpoint, from which it is resumed to the same bits", arguments: [3, 16, 37, 41, 60])
    func stopped(events: Int) throws {
        let whole = try SmallRuns.search()
        try whole.run()
        let search = try SmallRuns.search(), path = directory.file("run")
        do {
            let driver = RunDriver(
                search, in: try RunDirectory(creating: path, configuration: [:]), checkpointEvery: 1000)
            for _ in 0..<events { _ = try driver.next() }
            try driver.stop()
            #expect(driver.directory.checkpoints.steps.last == search.step)
        }
        let other = try SmallRuns.search()
        let driver = RunDriver(
            other, in: try RunDirectory(resuming: path, run: other) { Issue.record("\($0)") }, checkpointEvery: 1000)
        #expect(other.step == search.step)
        while try driver.next() != nil {}
        #expect(try other.stateBytes() == whole.stateBytes())
        #expect(try lines(of: driver.directory).map { $0["step"] } == (1...40).filter(whole.isLogged).map(JSON.integer))
    }

    @Test("says what is kept where it cannot write")
    func notWritten() throws {
        let path = directory.file("run")
        let driver = RunDriver(
            try SmallRuns.training(), in: try RunDirectory(creating: path, configuration: [:]), checkpointEvery: 5)
        func refusal(_ body: () throws -> Void) -> String {
            do {
                try body()
                return "written"
            } catch {
                return "\(error)"
            }
        }
        // A file where the checkpoints are to be.
        _ = try directory.write([1], to: "run/checkpoints")
        #expect(refusal { try driver.stop() }.hasSuffix("no checkpoint was kept yet, so --resume begins anew"))
        try FileManager.default.removeItem(atPath: path + "/checkpoints")
        while driver.run.step < 7 { _ = try driver.next() }
        try FileManager.default.moveItem(atPath: path + "/checkpoints", toPath: directory.file("away"))
        _ = try directory.write([1], to: "run/checkpoints")
        let later = refusal { while try driver.next() != nil {} }
        #expect(driver.run.step == 10)
        #expect(
            later.hasPrefix("cannot write \(path)/checkpoints")
                && later.hasSuffix("what was done up to step 5 is kept, and --resume goes on there"),
            "\(later)")
        try FileManager.default.moveItem(atPath: path, toPath: directory.file("gone"))
        #expect(
            refusal { try driver.stop() } == "cannot write \(path): the run's directory has vanished, and the run with it")
    }
}
