import ArgumentParser
import HardwareProfiles
import Profiler

/// How a command measures on this machine.
struct MeasuringOptions: ParsableArguments {
    enum Runtime: String, ExpressibleByArgument, CaseIterable { case xnnpack }

    @Option(help: "The inference runtime: xnnpack.")
    var runtime = Runtime.xnnpack

    @Option(help: "The type of weights and maps: float32 or int8.")
    var dataType = HardwareProfiles.Runtime.DataType.float32

    @Option(help: "How many threads the runtime uses.")
    var threads = 1

    @Option(help: ArgumentHelp("The longest time to measure.", valueName: "seconds"))
    var budget = ProfilingSettings().budgetSeconds

    @Option(help: "Seed of the order of measurements (default: 0).", transform: Seed.init(argument:))
    var seed = Seed(0)

    func validate() throws {
        if !(1...256).contains(threads) {
            throw ValidationError("--threads: expected a number from 1 to 256, found \(threads)")
        }
        try Self.check(budget: budget, of: "budget")
    }

    /// - Parameter option: that the budget was given by.
    static func check(budget: Double, of option: String) throws {
        if !(budget > 0 && budget <= 86_400) {
            throw ValidationError("--\(option): expected a number of seconds up to 86400, found \(budget)")
        }
    }

    var settings: ProfilingSettings {
        var settings = ProfilingSettings()
        settings.budgetSeconds = budget
        settings.seed = seed.value
        return settings
    }

    /// Runs `body` with the runtime, on as many cores as it has threads.
    func measure<T>(_ body: (any InferenceRuntime) throws -> T) throws -> T {
        try CoreAffinity.pinned(cores: threads) {
            switch runtime {
            case .xnnpack: try body(XNNPACKRuntime(threads: threads, dataType: dataType))
            }
        }
    }
}
