import ArgumentParser
import Engine
import Files

/// How many threads of this machine compute.
struct ThreadsOption: ParsableArguments {
    @Option(name: .customLong("threads"), help: "How many threads to use (default: all cores).")
    var given: Int?

    func validate() throws { try (1...256).check(given, of: "threads") }

    /// As many as were given, or else as there are cores.
    var count: Int { given ?? ThreadPool.availableCores }

    /// As many as were given, or else as there are cores; says so where they are more than the cores.
    func announced() -> Int {
        Self.warn(of: count)
        return count
    }

    /// Says that threads are more than the cores of this machine, if they are. What they compute is as with more cores, and
    /// a run that was begun on more cores goes on here; so they are not refused.
    static func warn(of threads: Int) {
        let cores = ThreadPool.availableCores
        guard threads > cores else { return }
        RunOptions.warn(
            "\(threads) threads share the \(cores.counted("core")) of this machine, and are no faster than \(cores)")
    }
}
