import Architectures
import Runs
import SupernetSearch
import Training

/// Searches that branch from warm-ups which are kept in a folder: one for each seed, for all targets.
struct SharedWarmUps {
    let task: SearchTask
    /// The settings of every search, except targets and seed.
    let configuration: SearchConfiguration
    let folder: ResultFolder
    /// Receives a line for every warm-up.
    let log: (String) -> Void

    /// A search at the end of its warm-up.
    ///
    /// - Throws: what searches throw; `FileError.cannotWrite`.
    func search(seed: UInt64) throws -> Search {
        var configuration = configuration
        configuration.seed = seed
        let run = try task.search(configuration)
        let file = "\(folder.path)/warm-up-\(seed).checkpoint"
        if let checkpoint = try? Checkpoint(contentsOf: file) {
            try run.branch(from: checkpoint)
            return run
        }
        while run.step < run.warmUpSteps, try run.next() != nil {}
        try run.checkpoint().write(to: file)
        log("warm-up of seed \(seed)")
        return run
    }

    /// A search that has found its network; its warm-up is that of the seed.
    ///
    /// - Throws: `TargetError`; what searches throw.
    func found(_ target: CostTarget, seed: UInt64) throws -> Search {
        var configuration = configuration
        configuration.seed = seed
        configuration.targets = [target]
        let run = try task.search(configuration)
        try run.branch(from: search(seed: seed).checkpoint())
        while !run.isFound, try run.next() != nil {}
        return run
    }
}
