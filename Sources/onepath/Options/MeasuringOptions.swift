import ArgumentParser
import HardwareProfiles
import Profiler

/// How a command measures.
struct MeasuringOptions: ParsableArguments {
    @Option(
        help: """
            The inference runtime: xnnpack, or, with --adb or --ssh, tflite, which is TensorFlow Lite's own kernels, or ncnn.
            """)
    var runtime = HardwareProfiles.Runtime.Name.xnnpack

    @Option(help: "The type of weights and maps: float32 or int8.")
    var dataType = HardwareProfiles.Runtime.DataType.float32

    @Option(help: "How many threads the runtime uses.")
    var threads = 1

    @Option(help: ArgumentHelp("The longest time to measure, without that in which a hot device is waited for.", valueName: "seconds"))
    var budget = ProfilingSettings().budgetSeconds

    @Option(help: "Seed of the order of measurements (default: 0).", transform: Seed.init(argument:))
    var seed = Seed(0)

    func validate() throws {
        try (1...256).check(threads, of: "threads")
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

    /// As `settings`, for a device at the end of a cable or of a network: clocks of phones change more.
    var remoteSettings: ProfilingSettings {
        var settings = settings
        settings.driftLimit = 0.1
        return settings
    }

    /// Runs `body` with the runtime of this machine, on as many cores as it has threads.
    ///
    /// - Throws: `ValidationError` for a runtime that only other devices have, and what `body` throws.
    func measure<T>(_ body: (any InferenceRuntime) throws -> T) throws -> T {
        guard runtime == .xnnpack else {
            throw ValidationError("--runtime \(runtime.rawValue): only with --adb or --ssh; this machine has xnnpack")
        }
        return try CoreAffinity.pinned(cores: threads) { try body(XNNPACKRuntime(threads: threads, dataType: dataType)) }
    }
}
