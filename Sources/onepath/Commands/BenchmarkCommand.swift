import ArgumentParser

struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark", abstract: "Measures the product's own speed on this machine.",
        subcommands: [StepTimeBenchmark.self, CostModelBenchmark.self, ProfileBenchmark.self, SearchQualityBenchmark.self])
}
