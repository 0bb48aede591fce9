import ArgumentParser

struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark", abstract: "Measures the speed and the accuracy of the product itself.",
        subcommands: [
            StepTimeBenchmark.self, LoadingTimeBenchmark.self, CostModelBenchmark.self, ProfileBenchmark.self,
            SearchQualityBenchmark.self, KnownAnswersBenchmark.self,
        ])
}
