import Architectures
import ArgumentParser
import Exporter
import Files
import HardwareProfiles

struct EstimateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Tells what an architecture or an ONNX model costs on a device, layer by layer, and why.",
        discussion: """
            With --compare, several architectures or devices stand side by side. With --sweep, random architectures \
            of a search space give the range of its costs.
            """)

    @Option(help: "The architecture: a name, or a path.")
    var architecture: String?

    @Option(help: "An ONNX model of a classification network, instead of an architecture.")
    var onnx: String?

    @Option(help: "The device profile: a name, or a path.")
    var device: String?

    @Option(help: "Threads that the device computes with: a number, or big for all cores of its fastest cluster.")
    var threads: String?

    @Option(
        parsing: .upToNextOption,
        help: "Architectures to stand side by side on the given device, or device profiles for the given architecture.")
    var compare: [String] = []

    @Option(help: ArgumentHelp("Estimate N random architectures of a search space.", valueName: "N"))
    var sweep: Int?

    @Option(help: "The search space of the sweep: a name, or a path.")
    var space: String?

    @Option(help: "Seed of the sweep's random numbers.")
    var seed: UInt64 = 0

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        if onnx != nil {
            guard architecture == nil, device != nil, compare.isEmpty, sweep == nil else {
                throw ValidationError("--onnx needs --device, and goes with neither --architecture, --compare nor --sweep")
            }
        } else if let sweep {
            guard (1...1_000_000).contains(sweep) else {
                throw ValidationError("--sweep: expected a number from 1 to 1000000, found \(sweep)")
            }
            guard space != nil, device != nil, architecture == nil, compare.isEmpty else {
                throw ValidationError(
                    "--sweep needs --space and --device, and goes with neither --architecture nor --compare")
            }
        } else if compare.isEmpty {
            guard architecture != nil, device != nil else {
                throw ValidationError("expected --architecture or --onnx, and --device")
            }
        } else if (architecture == nil) == (device == nil) {
            throw ValidationError(
                "--compare needs either --device, to compare architectures, or --architecture, to compare devices")
        } else if let twice = compare.indices.first(where: { compare[..<$0].contains(compare[$0]) }) {
            throw ValidationError("--compare: expected each name once, found \(compare[twice]) twice")
        }
        if sweep == nil, space != nil { throw ValidationError("--space goes with --sweep") }
    }

    func run() throws {
        if let sweep, let space, let device {
            try runSweep(sweep, space: space, device: device)
        } else if !compare.isEmpty {
            try runComparison()
        } else if let architecture, let device {
            try runEstimate(Catalogue.architecture(named: architecture).network, device: device)
        } else if let onnx, let device {
            let imported = try ImportedNetwork(contentsOf: onnx)
            for kind in imported.unknown { writeError("onepath: \(Self.note(on: kind))\n") }
            try runEstimate(imported.network, device: device)
        }
    }

    private func runEstimate(_ network: Network, device: String) throws {
        let device = try profile(device)
        let estimate = CostModel(device: device).estimate(network)
        if json {
            print(estimate.json.text(pretty: true))
        } else {
            print("\(network.name) on \(device.name)\n\n\(estimate.report)", terminator: "")
        }
    }

    /// What is not known, and what that means for the estimate.
    private static func note(on kind: ImportedNetwork.UnknownOperators) -> String {
        let shown = kind.nodes.prefix(3).joined(separator: ", ") + (kind.nodes.count > 3 ? ", …" : "")
        let guess =
            kind.guessed.isEmpty
            ? "" : "; the file gives \(kind.guessed.count) of them no shape, and that of the input is taken"
        return "the operator \(kind.kind) is not known (\(kind.nodes.count)x: \(shown)): priced as memory traffic alone"
            + guess
    }

    private func runComparison() throws {
        let pairs: [(name: String, Architecture, DeviceProfile)] =
            if let device {
                try compare.map { ($0, try Catalogue.architecture(named: $0), try profile(device)) }
            } else {
                try compare.map { ($0, try Catalogue.architecture(named: architecture ?? ""), try profile($0)) }
            }
        let estimates = pairs.map { ($0.name, CostModel(device: $0.2).estimate($0.1.network)) }
        if json {
            let members = estimates.map { JSON.Member(key: $0.0, value: $0.1.json) }
            print(JSON.object(members).text(pretty: true))
        } else {
            print(CostEstimate.comparison(estimates), terminator: "")
        }
    }

    private func runSweep(_ count: Int, space: String, device: String) throws {
        let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: space))
        let device = try profile(device)
        try device.checkTables(of: space)
        let sweep = CostSweep(of: space, count: count, on: CostModel(device: device), seed: seed)
        if json {
            print(sweep.json.text(pretty: true))
        } else {
            var table = TextTable([("", .left), ("minimum", .right), ("median", .right), ("maximum", .right)])
            for row in sweep.rows {
                table.add([row.name] + [row.minimum, row.median, row.maximum].map { $0.fixed(3) })
            }
            print("\(count.grouped) random architectures of \(space.name)\n\n\(table.text)", terminator: "")
        }
    }

    /// The profile, with the threads that were asked for.
    private func profile(_ name: String) throws -> DeviceProfile {
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: name))
        guard let threads else { return device }
        let cores = device.bigCores
        guard let count = threads == "big" ? cores : Int(threads), (1...cores).contains(count) else {
            throw ValidationError(
                "--threads: expected big or a number from 1 to \(cores) for \(device.name), found \(threads)")
        }
        return device.running(threads: count)
    }
}
