import Architectures
import ArgumentParser
import Exporter
import Files
import HardwareProfiles

struct EstimateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Tells what an architecture, an ONNX or a TensorFlow Lite model costs on a device, layer by layer, and why.",
        discussion: """
            In the table, ± is half of the interval that holds a layer's latency with 90 % confidence, in milliseconds, and \
            peak the share of the device's arithmetic that the layer uses. With --compare, several architectures or devices \
            stand side by side. With --sweep, random architectures of a search space give the range of its costs.
            """)

    @Option(help: "The architecture: a name, a path, or the folder of a run.", completion: .architectures)
    var architecture: String?

    @Option(
        help: "An ONNX model of a classification network, instead of an architecture.",
        completion: .file(extensions: ["onnx"]))
    var onnx: String?

    @Option(
        help: "A TensorFlow Lite model of any program, float32 or of integers, instead of an architecture.",
        completion: .file(extensions: ["tflite"]))
    var tflite: String?

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device: String?

    @OptionGroup
    var deviceThreads: DeviceThreads

    /// What --device-threads was called before.
    @Option(name: .customLong("threads"), help: .hidden)
    var olderDeviceThreads: String?

    @Option(
        parsing: .upToNextOption,
        help: """
            Architectures, ONNX and TensorFlow Lite models and folders of runs to stand side by side on the given device, \
            or device profiles for the given architecture.
            """, completion: .priced)
    var compare: [String] = []

    @Option(help: ArgumentHelp("Estimate N random architectures of a search space.", valueName: "N"))
    var sweep: Int?

    @Option(help: "The search space of the sweep: a name, or a path.", completion: .spaces)
    var space: String?

    @Option(help: "Seed of the sweep's random numbers (default: 0).", transform: Seed.init(argument:))
    var seed = Seed(0)

    @OptionGroup
    var freeSides: FreeSidesOptions

    @Flag(help: "Exit with 65 where the answer is incomplete, such as where an operator of a model is not known.")
    var strict = false

    @Option(help: "With what confidence the interval holds the latency, above 0 and below 1.")
    var confidence = Self.usualConfidence
    private static let usualConfidence = 0.9

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        if deviceThreads.deviceThreads != nil, olderDeviceThreads != nil {
            throw ValidationError("--threads is the older name of --device-threads: expected one of them, found both")
        }
        _ = try threads
        if !freeSides.isEmpty, onnx == nil, !(compare + [architecture ?? ""]).contains(where: FreeSidesOptions.canSettle) {
            throw ValidationError(
                "--batch and --input settle the sides of an ONNX or an ncnn model: expected --onnx, or a .param file")
        }
        if !(confidence > 0 && confidence < 1) {
            throw ValidationError("--confidence: expected a number above 0 and below 1, found \(confidence)")
        }
        if sweep == nil, space != nil { throw ValidationError("--space: expected --sweep N too, found none") }
        if onnx != nil || tflite != nil {
            let name = onnx != nil ? "--onnx" : "--tflite"
            guard architecture == nil, device != nil, compare.isEmpty, sweep == nil, onnx == nil || tflite == nil else {
                throw ValidationError(
                    "\(name) needs --device, and goes with neither --architecture, --compare nor --sweep"
                        + (onnx != nil && tflite != nil ? ", nor with --tflite" : ""))
            }
        } else if let sweep {
            try (1...1_000_000).check(sweep, of: "sweep")
            guard space != nil, device != nil, architecture == nil, compare.isEmpty else {
                throw ValidationError(
                    "--sweep needs --space and --device, and goes with neither --architecture nor --compare")
            }
        } else if compare.isEmpty {
            let missing = [
                architecture == nil ? "--architecture, --onnx or --tflite, the network" : nil,
                device == nil ? "--device, the device profile" : nil,
            ].compactMap(\.self)
            guard missing.isEmpty else { throw ValidationError("expected " + missing.joined(separator: ", and ")) }
        } else if (architecture == nil) == (device == nil) {
            throw ValidationError(
                "--compare needs either --device, to compare architectures, or --architecture, to compare devices")
        } else if let twice = compare.indices.first(where: { compare[..<$0].contains(compare[$0]) }) {
            throw ValidationError("--compare: expected each name once, found \(compare[twice]) twice")
        }
        if confidence != Self.usualConfidence {
            if sweep != nil { throw ValidationError("--confidence: expected no --sweep, which tells no interval, found both") }
            if !compare.isEmpty, !json {
                throw ValidationError("--confidence: expected --json with --compare, whose table shows no interval, found none")
            }
        }
    }

    func run() throws {
        if let sweep, let space, let device {
            try runSweep(sweep, space: space, device: device)
        } else if !compare.isEmpty {
            try runComparison()
        } else if let architecture, let device {
            try runEstimate(PricedNetwork(named: architecture, free: freeSides.free), device: device)
        } else if let onnx, let device {
            try runEstimate(PricedNetwork(onnx: onnx, free: freeSides.free), device: device)
        } else if let tflite, let device {
            try runEstimate(PricedNetwork(tflite: tflite), device: device)
        }
    }

    /// Ends with the code of an incomplete answer, where that is asked for.
    private func checkCompleteness(of estimates: [CostEstimate]) throws {
        if strict, !estimates.allSatisfy(\.gaps.isComplete) { throw ExitCode(65) }
    }

    private func runEstimate(_ priced: PricedNetwork, device: String) throws {
        let device = try applied(to: profile(device, for: priced.network))
        let estimate = estimate(of: priced, on: device)
        if json {
            print(estimate.json(confidence: confidence).text(pretty: true))
        } else {
            print("\(priced.network.name) on \(device.name)\n\n\(estimate.report(confidence: confidence))", terminator: "")
        }
        try checkCompleteness(of: [estimate])
    }

    private func estimate(of priced: PricedNetwork, on device: DeviceProfile) -> CostEstimate {
        var estimate = CostModel(device: device).estimate(priced.network)
        estimate.measuredWhole = device.measurement(of: priced.network) { try? KnownDevices.network(named: $0) }
        estimate.add(priced.gaps)
        return estimate
    }

    private func runComparison() throws {
        let estimates: [CostEstimate.Compared], free = try freeSides.free
        if let device {
            estimates = try compare.map { name in
                let priced = try PricedNetwork(named: name, free: free)
                let device = try applied(to: profile(device, for: priced.network))
                return .init(name: name, device: device, estimate: estimate(of: priced, on: device))
            }
        } else {
            let priced = try PricedNetwork(named: architecture ?? "", free: free)
            estimates = try compare.map { name in
                let profile = try profile(name, for: priced.network)
                let (device, note) = try threads?.fitted(to: profile) ?? (profile, nil)
                return .init(
                    name: name, device: device, estimate: estimate(of: priced, on: device), threadsNote: note)
            }
        }
        if json {
            let members = estimates.map { compared in
                var estimate = compared.estimate
                if let note = compared.threadsNote { estimate.add(CostGaps(assumptions: [note])) }
                return JSON.Member(key: compared.name, value: estimate.json(confidence: confidence))
            }
            print(JSON.object(members).text(pretty: true))
        } else {
            print(CostEstimate.comparison(estimates), terminator: "")
        }
        try checkCompleteness(of: estimates.map(\.estimate))
    }

    private func runSweep(_ count: Int, space: String, device: String) throws {
        let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))
        let device = try applied(to: Catalogue.device(named: device))
        try device.checkTables(of: space)
        let sweep = CostSweep(of: space, count: count, on: CostModel(device: device), seed: seed.value)
        if json {
            print(sweep.json.text(pretty: true))
        } else {
            var table = TextTable([
                ("", .left), ("least", .right), ("median", .right), ("greatest", .right), ("smallest", .right), ("largest", .right),
            ])
            for row in sweep.rows {
                let digits = row.isCount ? 0 : 3
                table.add(
                    [row.name] + [row.minimum, row.median, row.maximum, row.smallest, row.largest].map { $0.fixed(digits) })
            }
            let model =
                sweep.isMeasured
                ? "Model: \(device.basisOfModel)"
                : CostEstimate.basisOfUnmeasured(by: device.basisOfModel).capitalisedFirst
            let sentences = ([model] + sweep.gaps.sentences.map(\.capitalisedFirst)).map {
                "\($0).".wrapped(columns: TextTable.columns)
            }
            print(
                "\(count.grouped) random architectures of \(space.name), and the smallest and the largest".wrapped(columns: TextTable.columns)
                    + "\n\n\(table.text)\n"
                    + sentences.joined(separator: "\n"))
        }
        if strict, !sweep.gaps.isComplete { throw ExitCode(65) }
    }

    /// The device's threads that were asked for.
    private var threads: DeviceThreadCount? {
        get throws {
            try deviceThreads.given ?? olderDeviceThreads.map { try DeviceThreadCount(argument: $0, of: "threads") }
        }
    }

    private func applied(to device: DeviceProfile) throws -> DeviceProfile {
        try threads?.applied(to: device) ?? device
    }

    /// The profile, and a note where what it measured nearly fits the network.
    private func profile(_ name: String, for network: Network) throws -> DeviceProfile {
        let device = try Catalogue.device(named: name, for: network)
        for note in device.groupsNearlyIn(network) { writeError("onepath: \(note)\n") }
        return device
    }
}
