import Architectures
import ArgumentParser
import Files
import HardwareProfiles

/// How well the cost model predicts what it has not seen, and how fast it answers.
struct CostModelBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost-model", abstract: "Compares the cost model with what was published, and times it.")

    /// What the measured devices teach of one that is left out.
    private func printTransfer() throws {
        let model = try TransferModel(KnownDevices.measured(), operators: KnownDevices.operators(named:))
        let accuracy = TransferAccuracy(model, known: Catalogue.networks.names)
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

    func run() throws {
        let pixel1 = try DeviceProfile(contentsOf: Catalogue.devices.path(of: "pixel1"))
        var table = TextTable([("predicted from", .left), ("figures", .right), ("mean %", .right), ("worst %", .right)])
        func add(_ name: String, _ errors: [Double]) {
            let mean = errors.reduce(0, +) / Double(max(errors.count, 1))
            table.add([name, "\(errors.count)", (100 * mean).fixed(2), (100 * (errors.max() ?? 0)).fixed(2)])
        }
        add("pixel1 blocks, each from the others", CostModelAccuracy.leavingOneBlockOut(of: pixel1))
        add("pixel1 blocks, a stage from the others", CostModelAccuracy.leavingOneStageOut(of: pixel1))

        let measured = try Catalogue.devices.names.map { try DeviceProfile(contentsOf: Catalogue.devices.path(of: $0)) }
            .filter { !$0.networks.isEmpty && $0.runtime.name == .xnnpack }
        var unseen: [Double] = [], carried: [Double] = []
        for device in measured {
            let others = measured.filter { $0 != device && $0.runtime.name == device.runtime.name }
            let own = try CostModelAccuracy.leavingOneNetworkOut(
                of: device, others: others, architecture: Catalogue.architecture(named:))
            let foreign = try CostModelAccuracy.carryingOver(
                to: device, from: others, architecture: Catalogue.architecture(named:))
            add("\(device.name) networks, each from the others", own)
            add("\(device.name) networks, from other devices", foreign)
            unseen += own
            carried += foreign
        }
        table.addRule()
        add("networks, each from the device's others", unseen)
        add("networks, from other devices alone", carried)
        print(table.text)
        try printTransfer()

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
