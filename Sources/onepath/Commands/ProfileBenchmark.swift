import Architectures
import ArgumentParser
import Files
import Profiler

/// How well tables predict whole networks: two profiles of a space, and random architectures of it from end to end.
struct ProfileBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Compares the latency of whole random networks with the sum of their parts in fresh tables.",
        usage: "onepath benchmark profile [<options>] --space <space>")

    @Option(help: "The search space: a name, or a path.", completion: .spaces)
    var space: String

    @Option(help: "How many random architectures to measure.")
    var architectures = 30

    @OptionGroup
    var measuring: MeasuringOptions

    @Option(
        help: ArgumentHelp(
            "The longest time to measure whole networks (default: as long as a profile).", valueName: "seconds"))
    var networkBudget: Double?

    @Flag(help: "Print one JSON document instead of sentences.")
    var json = false

    func validate() throws {
        try (2...10_000).check(architectures, of: "architectures")
        if let networkBudget { try MeasuringOptions.check(budget: networkBudget, of: "network-budget") }
    }

    func run() throws {
        let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))
        let networks = space.randomArchitectures(architectures, seed: measuring.seed.value).map(\.network)
        var display = ProgressDisplay()
        Interruption.listen()
        func show(_ fraction: Double, _ figures: String) throws {
            display.show(fraction: fraction, figures)
            if Interruption.isRequested {
                display.finish()
                throw Interruption(description: "interrupted; nothing is kept")
            }
        }
        let (profiles, whole) = try measuring.measure { runtime in
            let plan = ProfilingPlan(space: space)
            let profiles = try (0..<2).map { index in
                var settings = measuring.settings
                settings.seed &+= UInt64(index)
                display = ProgressDisplay()
                return try Profiling(plan: plan, runtime: runtime, settings: settings).run {
                    try show($0.fraction, "profile \(index + 1)  settled \($0.settled)/\($0.subjects)")
                }
            }
            display = ProgressDisplay()
            var settings = measuring.settings
            settings.budgetSeconds = networkBudget ?? measuring.budget
            // Errors of the truth would count as errors of the tables.
            settings.precision /= 4
            let whole = try NetworkTiming(runtime: runtime, settings: settings).run(networks) {
                try show($0.fraction, "networks  settled \($0.settled)/\($0.networks)")
            }
            return (profiles, whole)
        }
        // A table with gaps predicts nothing of the networks that they are in.
        for profile in profiles where !profile.unmeasured.isEmpty { throw ProfilingError.refused(profile.unmeasured) }
        let report = ProfileAccuracy(profiles: profiles, networks: networks, whole: whole)
        print(json ? report.json.text(pretty: true) : report.text)
    }
}
