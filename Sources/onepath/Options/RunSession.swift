import Files
import Runs
import SupernetSearch
import Training

/// Lets a run go from event to event: shows how far it is, and stops it with a checkpoint when that is asked for.
struct RunSession {
    /// The command that resumes the run, and its directory.
    let command: String
    let output: String

    /// Lets a run go on to its end.
    ///
    /// - Parameter show: an event, on a display; asked for every one.
    /// - Throws: `Interruption` where it was stopped.
    func run<Run: ResumableRun>(_ driver: RunDriver<Run>, show: (Run.Event, inout RunDisplay) -> Void) throws {
        let run = driver.run
        var display = RunDisplay(step: run.step, share: run.share)
        Interruption.listen()
        while let event = try display.finishing(onError: { try driver.next() }) {
            show(event, &display)
            guard Interruption.isRequested, driver.run.step < driver.run.steps || event.finishedStep == nil else { continue }
            display.finish()
            try driver.stop()
            throw interruption("after step \(driver.run.step) of \(driver.run.steps)")
        }
    }

    /// Lets a sweep go on to its end.
    ///
    /// - Throws: `Interruption` where it was stopped.
    func run(_ sweep: SweepDriver<ExportedRun>) throws {
        var display = RunDisplay()
        Interruption.listen()
        var name = ""
        while let event = try display.finishing(onError: { try sweep.next() }) {
            switch event {
            case .search(let running, let event, let end):
                if running != name {
                    display = RunDisplay(step: event.finishedStep.map { $0.step - 1 } ?? 0) { Double($0) / Double(max(end, 1)) }
                    name = running
                }
                display.show(event, name: running)
            case .evaluated(let done, let count):
                display.showCount("evaluating networks", done: Double(done), of: count)
            }
            guard Interruption.isRequested else { continue }
            display.finish()
            try sweep.stop()
            let place = sweep.runningStep.map { "in \($0.name), after step \($0.step) of \($0.steps)" }
            throw interruption(place ?? "between two networks")
        }
    }

    private func interruption(_ place: String) -> Interruption {
        Interruption(
            description: "interrupted \(place); resume it with\n    "
                + CommandWords.text(of: ["onepath", command, "--resume", "--output", output]))
    }
}

/// How far a run is, on standard error: its steps, and what else takes long.
struct RunDisplay {
    private var steps: ProgressDisplay
    private let share: (Int) -> Double
    /// Of what is counted beside steps, by its name; its time begins with its first event.
    private var counts: [String: ProgressDisplay] = [:]

    /// - Parameters:
    ///   - step: how many are done already.
    ///   - share: the part of the work that so many are, from 0 to 1.
    init(step: Int = 0, share: @escaping (Int) -> Double = { _ in 1 }) {
        self.share = share
        steps = ProgressDisplay(from: share(step))
    }

    mutating func showStep(_ step: Int, isMilestone: Bool = false, _ figures: @autoclosure () -> String) {
        steps.show(fraction: share(step), isMilestone: isMilestone, figures())
    }

    mutating func showCount(_ name: String, done: Double, of count: Int) {
        counts[name, default: ProgressDisplay()]
            .show(fraction: done / Double(max(count, 1)), "\(name)  \(Int(done))/\(count)")
    }

    /// - Parameter name: of the search in a sweep.
    mutating func show(_ event: SearchEvent, name: String? = nil) {
        switch event {
        case .step(let step): showStep(step.step, (name.map { $0 + "  " } ?? "") + step.figures)
        case .candidate(let done, let count): showCount("ranking candidates", done: done, of: count)
        case .found: break
        }
    }

    /// Leaves the display behind, for what is written next.
    func finish() { steps.finish() }

    /// What `body` gives; the display is left behind where it throws.
    func finishing<Result>(onError body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            finish()
            throw error
        }
    }
}

extension SearchStep {
    /// How far the search is and how it goes.
    var figures: String {
        "epoch \(epoch)/\(epochs)  step \(step)/\(steps)  \(imagesPerSecond.fixed(0)) img/s  "
            + "CE \(crossEntropy.fixed(3))  \(runtimeMs.fixed(3)) ms"
    }
}

extension TrainingStep {
    /// How far the training is and how it goes.
    var figures: String {
        "epoch \(epoch)/\(epochs)  step \(step)/\(steps)  \(imagesPerSecond.fixed(0)) img/s  "
            + "CE \(crossEntropy.fixed(3))"
    }
}
