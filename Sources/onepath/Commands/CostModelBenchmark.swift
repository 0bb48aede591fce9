import Architectures
import ArgumentParser
import Files
import HardwareProfiles
import Profiler

/// How well the cost model predicts what it has not seen, and how fast it answers.
struct CostModelBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost-model", abstract: "Compares the cost model with what was published, and times it.",
        discussion: """
            Every figure is of something that was left out. What was published is in the profiles that come with the product. \
            With --reference, two further lists are read from a folder: tflite-published.csv (networks of other widths and \
            resolutions on a device) and help-fbnet.csv (networks of the FBNet space on twelve devices).
            """)

    @Option(help: ArgumentHelp("A folder with further published lists.", valueName: "directory"), completion: .directory)
    var reference: String?

    /// What the measured devices teach of one that is left out.
    private func printTransfer() throws {
        func model(
            _ dataType: HardwareProfiles.Runtime.DataType, of runtime: HardwareProfiles.Runtime.Name
        ) throws -> TransferModel {
            try KnownDevices.model(of: dataType, by: KnownDevices.measured(for: runtime))
        }
        let accuracy = TransferAccuracy(
            try model(.float32, of: .ncnn), int8: try model(.int8, of: .ncnn), olderInt8: try model(.int8, of: .tflite),
            known: Catalogue.networks.names)
        var table = TextTable([
            ("a device left out", .left), ("figures", .right), ("mean %", .right), ("median", .right), ("≤30 %", .right),
            ("worst", .right), ("asked %", .left),
        ])
        for row in accuracy.figures {
            table.add([
                row.name, "\(row.errors.count)", (100 * row.mean).fixed(1), (100 * row.median).fixed(1),
                (100 * row.share(within: 0.3)).fixed(0), (100 * row.worst).fixed(0), row.asked,
            ])
        }
        print(table.text)
        print(
            "Of ncnn from facts alone 80 % are asked to be within 30 %. Spearman's rank correlation of the "
                + "seven\nnetworks: \(accuracy.rankCorrelation.fixed(3)) (asked 0.93). Intervals of 90 % cover "
                + "\((100 * accuracy.coverage).fixed(1)) % of what is left\nout (asked 85 to 95), in the family where it is least "
                + "\((100 * accuracy.leastCoverage).fixed(1)) % (asked 75).\n")
    }

    /// What ten networks of a space say of a device, given nine others: HELP's protocol.
    private func printFewShot(_ path: String) throws {
        let list = try FBNetLatencies(contentsOf: path)
        let known = 9, count = 10, draws = 20
        guard list.devices.count > known, list.networks.count > 2 * count else { return }
        let transfer = SpaceTransfer(
            networks: list.networks, operators: FBNetLatencies.operators, known: Array(list.latenciesMs.prefix(known)))
        var table = TextTable([("FBNet, from \(count) networks and \(known) devices", .left), ("Spearman", .right), ("least", .right)])
        for device in list.devices.indices.dropFirst(known) {
            let truth = list.latenciesMs[device]
            let ranks = (0..<draws).map { (draw: Int) -> Double in
                var random = SplitMix64(seed: UInt64(draw))
                var measured: Set<Int> = []
                while measured.count < count { measured.insert(Int(random.next() % UInt64(truth.count))) }
                let indices = measured.sorted()
                let predicted = transfer.predicted(from: indices, latenciesMs: indices.map { truth[$0] })
                let rest = truth.indices.filter { !measured.contains($0) }
                return RankCorrelation.spearman(rest.map { predicted[$0] }, rest.map { truth[$0] })
            }
            let mean = ranks.reduce(0, +) / Double(draws)
            table.add([list.devices[device], mean.fixed(4), (ranks.min() ?? 0).fixed(4)])
        }
        print(table.text)
        print("Asked: raspi4 0.96, eyeriss 0.985, fpga 0.955; \(draws) draws.\n")
    }

    func run() throws {
        let pixel1 = try DeviceProfile(contentsOf: Catalogue.devices.path(of: "pixel1"))
        var table = TextTable([("predicted from", .left), ("figures", .right), ("mean %", .right), ("worst %", .right)])
        func add(_ name: String, _ errors: [Double]) {
            let mean = errors.reduce(0, +) / Double(max(errors.count, 1))
            table.add([name, "\(errors.count)", (100 * mean).fixed(2), (100 * (errors.max() ?? 0)).fixed(2)])
        }
        add("pixel1 blocks, each from the others", CostModelAccuracy.leavingOneBlockOut(of: pixel1))
        add("pixel1 blocks, a stage from the others", CostModelAccuracy.leavingOneStageOut(of: pixel1))
        let note10 = try DeviceProfile(contentsOf: Catalogue.devices.path(of: "note10"))
        // One block is fixed and has no expansion: nothing else is like it.
        let expanding = note10.tables.flatMap(\.entries).map(\.block.expandConvolution)
        add(
            "note10 blocks, each from the others",
            zip(CostModelAccuracy.leavingOneBlockOut(of: note10), expanding).filter(\.1).map(\.0))
        let scaled = try reference.map { try ScaledNetworks(of: pixel1, list: $0 + "/tflite-published.csv") }
        if let scaled { add("networks of other widths on pixel1, from its blocks", scaled.errors) }

        let measured = try Catalogue.devices.names.map { try DeviceProfile(contentsOf: Catalogue.devices.path(of: $0)) }
            .filter { !$0.networks.isEmpty && $0.runtime.name == .xnnpack }
        var unseen: [Double] = [], carried: [Double] = []
        for device in measured {
            let others = measured.filter { $0 != device && $0.runtime.name == device.runtime.name }
            let own = try CostModelAccuracy.leavingOneNetworkOut(
                of: device, others: others, operators: KnownDevices.operators(named:))
            let foreign = try CostModelAccuracy.carryingOver(
                to: device, from: others, operators: KnownDevices.operators(named:))
            add("\(device.name) networks, each from the others", own)
            add("\(device.name) networks, from other devices", foreign)
            unseen += own
            carried += foreign
        }
        table.addRule()
        add("networks, each from the device's others", unseen)
        add("networks, from other devices alone", carried)
        print(table.text)
        if let scaled {
            print(
                "Spearman's rank correlation of the networks of other widths on pixel1: \(scaled.rankCorrelation.fixed(4)) "
                    + "(asked 0.99,\nand a mean of 10 %).\n")
        }
        try printTransfer()
        if let reference { try printFewShot(reference + "/help-fbnet.csv") }

        let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: "single-path-mobile"))
        let costs = CostModel(device: pixel1).latencyTable(of: space)
        let layers = space.searchableLayers
        // Every row is another architecture: a choice for each layer.
        let choices = layers.map(\.choices)
        let rows = (0..<1024).flatMap { row in
            choices.enumerated().map { place, choices in choices[(row * 7919 + place * 104_729) / 3 % choices.count] }
        }
        let rounds = 20_000
        var sum = 0.0
        let time = ContinuousClock().measure {
            rows.withUnsafeBufferPointer { rows in
                for _ in 0..<rounds {
                    for row in 0..<1024 {
                        sum += costs.value(
                            of: UnsafeBufferPointer(rebasing: rows[row * layers.count..<(row + 1) * layers.count]))
                    }
                }
            }
        }
        let tableRate = Double(rounds * 1024) / (time / .seconds(1))
        let model = CostModel(device: try DeviceProfile(contentsOf: Catalogue.devices.path(of: "pixel1-xnnpack")))
        let network = space.largest.network
        let breakdowns = 20_000
        let breakdownTime = ContinuousClock().measure {
            for _ in 0..<breakdowns { sum += model.estimate(network).latencyMs }
        }
        let breakdownRate = Double(breakdowns) / (breakdownTime / .seconds(1))
        print(
            "\((tableRate / 1e6).fixed(1)) million estimates a second from a table, "
                + "\(Int(breakdownRate).grouped) modelled breakdowns a second, on one core (sum \(sum.fixed(0)) ms)")
    }
}

/// Networks of other widths and resolutions than were measured, on a device whose blocks were.
private struct ScaledNetworks {
    let errors: [Double]
    let rankCorrelation: Double

    /// - Parameters:
    ///   - device: whose float32 networks on one thread are looked up in the list.
    ///   - list: the path of a list of published networks.
    init(of device: DeviceProfile, list: String) throws {
        let model = CostModel(device: device)
        var told: [Double] = [], measured: [Double] = []
        for row in try PublishedNetworks(contentsOf: list).rows
        where row.device == device.name && row.dataType == .float32 && row.threads == 1 {
            // MobileNetV3's families differ from their reference networks in more than widths.
            guard let scalesHead = Self.families[row.network] else { continue }
            let architecture = try Catalogue.architecture(named: row.network)
                .scaled(width: row.width, resolution: row.resolution, scalesHead: scalesHead)
            told.append(model.estimate(architecture.network).latencyMs)
            measured.append(row.latencyMs)
        }
        errors = zip(told, measured).map { abs($0 / $1 - 1) }
        rankCorrelation = RankCorrelation.spearman(told, measured)
    }

    /// Whether a family's head gets wider with its other layers.
    private static let families = ["mobilenet-v2": true, "mnasnet-a1": false]
}
