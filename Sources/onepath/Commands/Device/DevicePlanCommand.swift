import Architectures
import ArgumentParser
import Exporter
import Files
import Glibc
import HardwareProfiles

/// Which networks to measure next.
struct DevicePlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Says which networks to measure next on a device, and writes them as models.",
        usage: "onepath device plan [<options>] --device <device>",
        discussion: """
            The candidates are the reference architectures and random ones of a search space; under ncnn also the networks of \
            its own benchmark, which come with it. With --output, every architecture of the plan is written there as ONNX, \
            TensorFlow Lite and ncnn's .param, untrained, with a sheet to fill in for onepath device adapt.
            """)

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device: String

    @Option(help: "How many networks to measure.")
    var count = 5

    @Option(help: "With how many threads (default: as in the profile).")
    var threads: Int?

    @Option(
        help: """
            How to choose: variance (those after which all networks are known best), volume (the least known one is next) \
            or distance (the one farthest from those chosen is next).
            """)
    var by = MeasurementChoice.variance

    @Option(help: "The search space of the random candidates: a name, or a path.", completion: .spaces)
    var space = "single-path-mobile"

    @Option(help: "The directory for the models and the sheet.", completion: .directory)
    var output: String?

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        try (1...100).check(count, of: "count")
    }

    func run() throws {
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: device))
        guard device.runtime.name != .tflite else {
            throw ValidationError("--device: expected a profile for xnnpack or ncnn, found one for tflite")
        }
        let threads = threads ?? device.runtime.threads
        try (1...device.bigCores).check(threads, of: "threads")
        let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))
        var architectures = try Catalogue.architectures.names.map(Catalogue.architecture(named:))
        architectures += space.randomArchitectures(24, seed: 0)
        var candidates = architectures.map {
            TransferModel.Teaching.Candidate(name: $0.name, operators: $0.network.layers.flatMap(\.operators))
        }
        if device.runtime.name == .ncnn {
            candidates += try Catalogue.networks.names.map {
                .init(name: $0, operators: try KnownDevices.operators(named: $0))
            }
        }
        // A random network was measured as the model that an earlier plan wrote of it.
        let measured = Set(device.networks.filter { $0.threads == threads }.flatMap { network -> [String] in
            let file = AbsolutePath.baseName(network.architecture)
            return [network.architecture, String(file.prefix(upTo: file.lastIndex(of: ".") ?? file.endIndex))]
        })
        candidates.removeAll { measured.contains($0.name) || measured.contains($0.name.fileName) }
        var teaching = try KnownDevices.teaching(
            of: device.runtime, without: [device.name], adding: device.networks.isEmpty ? [] : [device])
        let plan = teaching.plan(for: device, threads: threads, count: count, candidates: candidates, by: by)
        let files = try output.map { try write(plan.map(\.candidate.name), of: architectures, threads: threads, to: $0) } ?? [:]
        if json {
            print(
                JSON.array(plan.map { item in
                    [
                        "network": .string(item.candidate.name), "threads": .integer(threads),
                        "expected_ms": .number(item.expectation.latencyMs), "interval": .number(item.expectation.interval),
                        "file": files[item.candidate.name].map(JSON.string) ?? .null,
                    ]
                }).text(pretty: true))
            return
        }
        var table = TextTable([("measure", .cut), ("threads", .right), ("expected ms", .right), ("90 %", .right)])
        for item in plan {
            table.add([
                item.candidate.name, "\(threads)", item.expectation.latencyMs.fixed(2),
                item.expectation.interval.relativeInterval,
            ])
        }
        print(table.text, terminator: "")
        if plan.count < count { print("There are no more candidates that were not measured.") }
        if let output {
            let known = plan.count - files.count
            let others = known == 0 ? "" : "; ncnn's benchncnn has the other \(known)"
            let sentence = "\(files.count) networks, each as ONNX, TensorFlow Lite and ncnn, are in \(output)\(others). Run them, and "
                + "write the milliseconds into \(output)/measurements.csv."
            print(sentence.wrapped(columns: TextTable.columns))
            print(NextCommand.line("device", "adapt", "--device", device.path, "--measured", "\(output)/measurements.csv"))
        } else {
            print("--output FOLDER writes them as models, with a sheet to fill in.")
        }
    }

    /// Writes the architectures among the plan as models, and the sheet; returns the paths of the models by name.
    private func write(
        _ names: [String], of architectures: [Architecture], threads: Int, to folder: String
    ) throws -> [String: String] {
        let planned = try PlannedNetworks(folder: folder, command: "onepath device plan")
        var files: [String: String] = [:], rows: [String] = []
        for name in names {
            guard let architecture = architectures.first(where: { $0.name == name }) else {
                rows.append(name)
                continue
            }
            let path = try planned.write(architecture)
            files[name] = path
            // A reference architecture is known by its name; a random one is read from its model.
            rows.append(Catalogue.architectures.names.contains(name) ? name : path)
        }
        try planned.writeSheet(rows, threads: threads)
        return files
    }
}

extension MeasurementChoice: ExpressibleByArgument {}

extension Double {
    /// A half interval in logarithms, for people: "±18 %", "-40 % +66 %" where it is far from even.
    var relativeInterval: String {
        let high = 100 * (exp(self) - 1), low = 100 * (1 - exp(-self))
        return high < 30 ? "±\(((high + low) / 2).fixed(0)) %" : "-\(low.fixed(0)) +\(high.fixed(0)) %"
    }
}
