import Architectures
import HardwareProfiles
import TestSupport
import Testing

@Suite("Cost tables and sweeps")
struct CostTableTests {
    private static let pairs = [
        ("pixel1", "single-path-mobile"), ("pixel1", "fashion-mnist"), ("pixel3a", "single-path-mobile"),
        ("raspberrypi3b+-tflite-2018", "fashion-mnist"),
    ]

    @Test("give an architecture from its choices what the model gives it", arguments: pairs)
    func sums(device: String, space: String) throws {
        let model = CostModel(device: try .shipped(device))
        let space = try SearchSpace.shipped(space)
        let table = model.latencyTable(of: space)
        let layers = space.searchableLayers
        func fixedMs(_ network: Network) -> Double { model.fixedCosts(of: network).reduce(0) { $0 + $1.latencyMs } }
        #expect(abs(table.fixed.sum - fixedMs(space.smallest.network)) < 1e-9)
        var random = SeededRandom(seed: 7)
        var different: Set<Double> = []
        for _ in 0..<200 {
            let choices = layers.map { random.element(of: $0.choices) }
            let network = try space.architecture(name: "random", choices: choices).network
            let sum = network.layers.filter(\.isSearchable).reduce(fixedMs(network)) {
                $0 + model.cost(of: $1, space: space.name).latencyMs
            }
            let found = table.value(of: choices)
            #expect(choices.withUnsafeBufferPointer { table.value(of: $0) } == found)
            #expect(table.range.contains(found))
            #expect(abs(found - sum) < 1e-12 * sum)
            #expect(abs(found - model.estimate(network).latencyMs) < 1e-12 * sum)
            different.insert(found)
        }
        #expect(different.count > 150, "one number for all proves nothing")
    }

    @Test("a sweep lies between the smallest and the largest network of the space, and is the same for a seed")
    func sweep() throws {
        let model = CostModel(device: try .shipped("pixel2"))
        let space = try SearchSpace.shipped("fashion-mnist")
        let sweep = CostSweep(of: space, count: 101, on: model, seed: 3)
        #expect(sweep.rows.map(\.name) == [
            "latency ms", "energy mJ", "peak memory MiB", "MACs in millions", "parameters in millions",
            "layers measured", "layers modelled", "layers extrapolated",
        ])
        let layers = Double(space.largest.network.layers.count)
        #expect(sweep.rows[5].maximum == 0 && sweep.rows[6].minimum == layers && sweep.rows[6].maximum == layers)
        for row in sweep.rows.prefix(5) { #expect(row.minimum < row.median && row.median < row.maximum, "\(row.name)") }
        let smallest = model.estimate(space.smallest.network), largest = model.estimate(space.largest.network)
        for (row, bounds) in zip(sweep.rows, [
            (smallest.latencyMs, largest.latencyMs), (smallest.energyMj ?? 0, largest.energyMj ?? 0),
            (Double(smallest.memory.peakBytes) / 1_048_576, Double(largest.memory.peakBytes) / 1_048_576),
            (Double(smallest.macs) / 1e6, Double(largest.macs) / 1e6),
            (Double(smallest.parameters) / 1e6, Double(largest.parameters) / 1e6),
        ]) {
            #expect(row.minimum >= bounds.0 && row.maximum <= bounds.1, "\(row.name)")
            #expect(row.smallest == bounds.0 && row.largest == bounds.1, "\(row.name)")
        }
        #expect(CostSweep(of: space, count: 101, on: model, seed: 3).json == sweep.json)
        #expect(CostSweep(of: space, count: 101, on: model, seed: 4).json != sweep.json)
        let one = CostSweep(of: space, count: 1, on: model, seed: 3)
        for row in one.rows { #expect(row.minimum == row.median && row.median == row.maximum) }
        let latency = try #require(sweep.json["latency_ms"])
        #expect(latency == [
            "minimum": .number(sweep.rows[0].minimum), "median": .number(sweep.rows[0].median),
            "maximum": .number(sweep.rows[0].maximum), "smallest": .number(sweep.rows[0].smallest),
            "largest": .number(sweep.rows[0].largest),
        ])
    }

    @Test("a sweep draws every choice of every layer")
    func sweepDrawsAll() throws {
        let model = CostModel(device: try .shipped("pixel1"))
        let space = try SearchSpace.shipped("single-path-mobile")
        // Of 400 architectures of 20 layers, the extremes stray from the middle by what independent layers do.
        let macs = CostSweep(of: space, count: 400, on: model, seed: 0).rows[3]
        let range = Double(space.largest.network.macs - space.smallest.network.macs) / 1e6
        #expect(macs.maximum - macs.minimum > 0.25 * range && macs.maximum - macs.minimum < 0.9 * range)
    }
}
