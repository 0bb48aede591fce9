import Architectures
import ArgumentParser
import Benchmarks
import Engine
import Exporter
import Files
import HardwareProfiles
import SupernetSearch

struct StepTimeBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step", abstract: "Times training steps of a supernet on random images.",
        usage: "onepath benchmark step [<options>] --space <space>",
        discussion: """
            Reports each part of the step beside its roofline bound: the larger of the times that its multiply-accumulates \
            and its bytes take at the machine's peak rates, which are measured in the same process; every tensor moves once.
            """)

    @Option(help: "The search space: a name, or a path.", completion: .spaces)
    var space: String

    @Option(help: "Images per step.")
    var batch = SearchConfiguration().batch

    @OptionGroup var threads: ThreadsOption

    @Option(help: "How many steps to time, after three that are not timed.")
    var steps = 5

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        for (flag, value) in [("batch", batch), ("steps", steps)] {
            try (1...65_536).check(value, of: flag)
        }
    }

    func run() throws {
        let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: "pixel1"))
        try device.checkTables(of: space)
        let benchmark = StepBenchmark(
            space: space, runtime: RuntimeTerm(
                CostModel(device: device).latencyTable(of: space), layers: space.searchableLayers),
            batch: batch, threads: threads.announced())
        let result = try benchmark.run(steps: steps)
        print(json ? document(result, space: space).text(pretty: true) + "\n" : text(result, space: space), terminator: "")
    }

    private func text(_ result: StepBenchmark.Result, space: SearchSpace) -> String {
        var table = TextTable([
            ("part of the step", .left), ("ms", .right), ("share", .right), ("GFLOP/s", .right), ("GB/s", .right),
            ("bound ms", .right), ("of bound", .right), ("by", .left),
        ])
        for part in result.parts {
            let bound = result.roofline.seconds(for: part.work)
            table.add([
                part.name, (part.seconds * 1000).fixed(2), percent(part.seconds / result.seconds),
                (part.work.gflops / part.seconds).fixed(1), (part.work.gigabytes / part.seconds).fixed(1),
                (bound * 1000).fixed(2), part.work == .none ? "" : percent(bound / part.seconds),
                part.work == .none ? "" : result.roofline.isMemoryBound(part.work) ? "memory" : "compute",
            ])
        }
        table.addRule()
        table.add([
            "step", (result.seconds * 1000).fixed(2), "", (result.work.gflops / result.seconds).fixed(1),
            (result.work.gigabytes / result.seconds).fixed(1), (result.seconds * result.rooflineFraction * 1000).fixed(2),
            percent(result.rooflineFraction),
        ])
        return """
            \(space.name), batch \(batch), threads \(threads.count): \(rate(result).fixed(1)) images/s\(memory(result))

            \(table.text)
            This machine at best: \((result.roofline.flopsPerSecond / 1e9).fixed(0)) GFLOP/s in matrix products, \
            \((result.roofline.bytesPerSecond / 1e9).fixed(1)) GB/s in a stream.
            Loading a batch takes a search \((result.loadingSeconds * 1000).fixed(2)) ms more, \
            \((100 * result.loadingSeconds / result.seconds).fixed(1))% of a step.

            """
    }

    private func document(_ result: StepBenchmark.Result, space: SearchSpace) -> JSON {
        [
            "space": .string(space.name), "batch": .integer(batch), "threads": .integer(threads.count),
            "median_ms": .number(result.seconds * 1000), "images_per_second": .number(rate(result)),
            "gflops_per_second": .number(result.work.gflops / result.seconds), "bytes": .integer(result.work.bytes),
            "loading_ms": .number(result.loadingSeconds * 1000),
            "peak_memory_bytes": result.peakMemoryBytes.map(JSON.integer) ?? .null,
            "roofline": [
                "gflops_per_second": .number(result.roofline.flopsPerSecond / 1e9),
                "gigabytes_per_second": .number(result.roofline.bytesPerSecond / 1e9),
                "fraction": .number(result.rooflineFraction),
            ],
            "parts": .array(result.parts.map { part in
                let bound = result.roofline.seconds(for: part.work)
                return [
                    "name": .string(part.name), "ms": .number(part.seconds * 1000),
                    "share": .number(part.seconds / result.seconds), "macs": .integer(part.work.macs),
                    "bytes": .integer(part.work.bytes), "bound_ms": .number(bound * 1000),
                    "bound": .string(result.roofline.isMemoryBound(part.work) ? "memory" : "compute"),
                ]
            }),
        ]
    }

    private func memory(_ result: StepBenchmark.Result) -> String {
        result.peakMemoryBytes.map { ", \($0.mebibytes) MiB" } ?? ""
    }

    private func rate(_ result: StepBenchmark.Result) -> Double { Double(batch) / result.seconds }

    private func percent(_ part: Double) -> String { (part * 100).fixed(0) + "%" }
}

extension Work {
    fileprivate var gflops: Double { 2 * Double(macs) / 1e9 }
    fileprivate var gigabytes: Double { Double(bytes) / 1e9 }
}
