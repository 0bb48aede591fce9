import Architectures
import Runs
import SupernetSearch
import Training

/// Searches that branch from warm-ups which are kept in a folder: one for each seed, for all targets. What is stopped in the
/// middle goes on from its last checkpoint.
struct SharedWarmUps {
    let task: SearchTask
    /// The settings of every search, except targets and seed.
    let configuration: SearchConfiguration
    let folder: ResultFolder
    /// Receives a line for every warm-up.
    let log: (String) -> Void

    /// Steps between two checkpoints.
    private static let interval = 100

    /// A search at the end of its warm-up.
    ///
    /// - Throws: what searches throw; `FileError`, also where a kept checkpoint is of another search.
    func search(seed: UInt64) throws -> Search {
        var configuration = configuration
        configuration.seed = seed
        let run = try task.search(configuration)
        let file = "\(folder.path)/warm-up-\(seed).checkpoint"
        if let checkpoint = try? Checkpoint(contentsOf: file) { try run.branch(from: checkpoint) }
        guard run.step < run.warmUpSteps else { return run }
        try advance(run, keeping: file) { run.step < run.warmUpSteps }
        try run.checkpoint().write(to: file)
        log("warm-up of seed \(seed)")
        return run
    }

    /// A search that has found its network; its warm-up is that of the seed.
    ///
    /// - Parameter keepsTrajectory: whether its incumbents are recorded.
    /// - Throws: `TargetError`; what searches throw; `FileError`, also where a kept checkpoint is of another search.
    func found(
        _ target: CostTarget, seed: UInt64, keepsTrajectory: Bool = false
    ) throws -> (search: Search, trajectory: [Trajectory.Point]) {
        var configuration = configuration
        configuration.seed = seed
        configuration.targets = [target]
        let run = try task.search(configuration)
        let name = "\(folder.path)/\(target.quantity.field)-\(target.limit)-\(seed)"
        let file = name + ".checkpoint", trajectory = keepsTrajectory ? Trajectory(path: name + ".trajectory") : nil
        if let checkpoint = try? Checkpoint(contentsOf: file), trajectory?.resume(at: checkpoint.step) ?? true {
            try run.restore(checkpoint)
        } else {
            try run.branch(from: search(seed: seed).checkpoint())
            trajectory?.start()
        }
        try advance(run, keeping: file, trajectory) { !run.isFound }
        return (run, trajectory?.points ?? [])
    }

    /// Goes on while a condition holds, and keeps a checkpoint of every so many steps. A found network is not kept: what was
    /// decided before candidates were compared is in no checkpoint.
    private func advance(
        _ run: Search, keeping file: String, _ trajectory: Trajectory? = nil, while isUnfinished: () -> Bool
    ) throws {
        var kept = run.step
        while isUnfinished(), let event = try run.next() {
            if event.finishedStep == nil { trajectory?.add(run, onlyNew: isUnfinished()) }
            guard run.step >= kept + Self.interval, isUnfinished() else { continue }
            kept = run.step
            // Before the checkpoint, which is not resumed without it.
            trajectory?.add(run)
            try trajectory?.write()
            try run.checkpoint().write(to: file)
        }
    }
}
