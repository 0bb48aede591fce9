import ArgumentParser
import Architectures
import Exporter
import HardwareProfiles
import JSONDocuments
import SupernetSearch

struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark", abstract: "Measures the product's own speed on this machine.",
        subcommands: [Step.self, CostModelBenchmark.self, ProfileBenchmark.self])

    struct Step: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "step", abstract: "Times training steps of a supernet on random images.")

        @Option(help: "The search space: a name, or a path.")
        var space: String

        @Option(help: "Images a step.")
        var batch = SearchConfiguration().batch

        @Option(help: "Threads to compute with.")
        var threads = SearchConfiguration().threads

        @Option(help: "How many steps are timed, after three that are not.")
        var steps = 5

        @Flag(help: "Print one JSON document instead of a sentence.")
        var json = false

        func validate() throws {
            for (name, value) in [("batch", batch), ("threads", threads), ("steps", steps)] {
                if !(1...65_536).contains(value) {
                    throw ValidationError("--\(name): expected a number from 1 to 65536, found \(value)")
                }
            }
        }

        func run() throws {
            let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))
            let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: "pixel1"))
            try device.checkTables(of: space)
            let benchmark = StepBenchmark(
                space: space, runtime: RuntimeTerm(space: space, costModel: CostModel(device: device)),
                batch: batch, threads: threads)
            let seconds = benchmark.run(steps: steps)
            let rate = Double(batch) / seconds
            if json {
                let document: JSON = [
                    "space": .string(space.name), "batch": .integer(batch), "threads": .integer(threads),
                    "median_ms": .number(seconds * 1000), "images_per_second": .number(rate),
                ]
                print(document.text(pretty: true))
            } else {
                print(
                    "\(space.name), batch \(batch), threads \(threads): median \((seconds * 1000).fixed(1)) ms a step, "
                        + "\(rate.fixed(1)) images/s")
            }
        }
    }
}
