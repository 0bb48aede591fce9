import Architectures
import Files
import HardwareProfiles
import Testing
import TestSupport

/// Random layers, each made larger in one way, on every shipped device; and on devices that are worse in one way.
@Suite("More never costs less")
struct MonotonicityTests {
    /// Of all shipped profiles.
    private static let names = ((try? DeviceProfile.allShipped()) ?? []).map(\.name)

    /// Of those whose parameters were not learned from other devices.
    private static let fitted = ((try? DeviceProfile.fittedShipped()) ?? []).map(\.name)

    private static let activations: [Activation] = [.none, .relu, .swish, .hardSwish]

    private static func block(_ random: inout SeededRandom) -> Block {
        let hasSqueeze = random.bool()
        let stride = random.integer(in: 1...2)
        let channels = random.integer(in: 1...200)
        let residual = stride == 1 && random.below(4) == 0
        return Block(
            shape: .init(
                kernel: 2 * random.integer(in: 0...5) + 1, stride: stride,
                expansion: Double(random.integer(in: 1...8)), inputChannels: channels,
                outputChannels: residual ? channels : random.integer(in: 1...200)),
            squeezeExcite: hasSqueeze ? SqueezeExcite(ratio: 0.25) : nil, residual: residual,
            activation: random.element(of: activations))
    }

    /// One operator of every kind, and of every window and stride.
    private static func operators(_ random: inout SeededRandom) -> [Operator] {
        let input = FeatureShape(
            height: random.integer(in: 1...90), width: random.integer(in: 1...90),
            channels: random.integer(in: 1...300))
        let kernel = 2 * random.integer(in: 0...3) + 1
        let stride = random.integer(in: 1...2)
        let activation = random.element(of: activations)
        let width = random.integer(in: 1...300)
        return [
            .convolution(kernel: kernel, stride: stride, input: input, outputChannels: width, activation: activation),
            .depthwiseConvolution(kernel: kernel, stride: stride, input: input, activation: activation),
            .fullyConnected(inputChannels: 8 * input.channels, outputChannels: 8 * width, activation: activation),
            .globalAveragePool(input: input), .add(input), .multiply(input),
        ]
    }

    @Test("of a block: a larger kernel, expansion, width or map", arguments: names)
    func largerBlocks(name: String) throws {
        let model = CostModel(device: try .shipped(name))
        var random = SeededRandom(seed: 3)
        for _ in 0..<300 {
            let block = Self.block(&random)
            let height = random.integer(in: 1...60), width = random.integer(in: 1...60)
            let base = model.modelled(block, height: height, width: width)
            #expect(base.latencyMs > 0 && base.latencyMs.isFinite && base.source != .measured)
            #expect(base.utilisation > 0 && base.utilisation <= 1, "\(block) \(height)x\(width)")
            var changes: [(inout Block.Shape) -> Void] = [{ $0.kernel += 2 }, { $0.expansion += 1 }]
            if block.residual {
                changes.append { ($0.inputChannels, $0.outputChannels) = ($0.inputChannels + 1, $0.outputChannels + 1) }
            } else {
                changes += [{ $0.inputChannels += 1 }, { $0.outputChannels += 1 }]
            }
            for change in changes {
                var larger = block
                change(&larger.shape)
                let cost = model.modelled(larger, height: height, width: width)
                #expect(cost.latencyMs > base.latencyMs, "\(block) -> \(larger) \(height)x\(width)")
            }
            if let squeezeExcite = block.squeezeExcite {
                // A wider squeeze may round to the same width.
                var squeezed = block
                squeezed.squeezeExcite?.ratio = squeezeExcite.ratio + 0.5
                #expect(model.modelled(squeezed, height: height, width: width).latencyMs >= base.latencyMs)
            }
            #expect(model.modelled(block, height: height + 1, width: width).latencyMs > base.latencyMs)
            #expect(model.modelled(block, height: height, width: width + 1).latencyMs > base.latencyMs)
        }
    }

    @Test("of an operator: a larger map, window or width", arguments: names)
    func largerOperators(name: String) throws {
        let model = CostModel(device: try .shipped(name))
        var random = SeededRandom(seed: 4)
        func cost(_ step: Operator) -> Double { model.modelled([step]).latencyMs }
        for _ in 0..<300 {
            for step in Self.operators(&random) {
                let base = cost(step)
                let cells = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
                for (height, width, channels) in step.kind == .fullyConnected ? [(0, 0, 1)] : cells {
                    let input = FeatureShape(
                        height: step.input.height + height, width: step.input.width + width,
                        channels: step.input.channels + channels)
                    // At stride 2 a side more may give the same outputs.
                    let found = cost(step.on(input))
                    #expect(step.stride > 1 ? found >= base : found > base, "\(step.key) on \(input)")
                }
                if let wider = step.wider { #expect(cost(wider) > base, "\(wider.key)") }
                if let larger = step.withLargerWindow { #expect(cost(larger) > base, "\(larger.key)") }
            }
        }
    }

    /// What makes a device worse, and whether everything on it then takes longer.
    private struct Change {
        let what: String
        let keys: [String]
        let always: Bool
    }

    @Test("on a slower clock, or with less bandwidth or cache at any level", arguments: fitted)
    func worseDevices(name: String) throws {
        let device = try DeviceProfile.shipped(name)
        let place = try #require(device.hardware.clusters.firstIndex { $0.name == device.runtime.cluster })
        let core = ["hardware", "clusters", "\(place)"]
        var changes = [
            Change(what: "clock", keys: core + ["clock_ghz"], always: true),
            Change(what: "arithmetic", keys: core + ["fma_per_cycle_f32"], always: false),
            Change(what: "L1 bandwidth", keys: core + ["l1_bytes_per_cycle"], always: false),
            Change(what: "L2 bandwidth", keys: core + ["l2_bytes_per_cycle"], always: true),
            Change(what: "core bandwidth", keys: ["hardware", "memory", "core_bandwidth_gb_s"], always: false),
        ]
        if device.hardware.l3KiB != nil {
            changes.append(Change(what: "L3 bandwidth", keys: ["hardware", "l3_gb_s"], always: false))
        }
        let model = CostModel(device: device)
        var random = SeededRandom(seed: 5)
        let layers = (0..<100).flatMap { _ in Self.operators(&random) }
        let network = try Architecture.reference("mobilenet-v3-large").network.layers.flatMap(\.operators)
        let base = (layers + network).map { model.modelled([$0]).latencyMs }
        for change in changes {
            let worse = CostModel(device: try .copy(of: name, changing: change.keys) { $0.scaled(0.8) })
            let costs = (layers + network).map { worse.modelled([$0]).latencyMs }
            for (cost, base) in zip(costs, base) {
                #expect(change.always ? cost > base : cost >= base, "\(change.what)")
            }
            #expect(zip(costs, base).contains { $0 > $1 }, "\(change.what) does not matter")
        }
    }

    @Test("on two threads than on one: two never take longer", arguments: fitted)
    func threads(name: String) throws {
        let device = try DeviceProfile.shipped(name)
        var random = SeededRandom(seed: 6)
        let layers = (0..<100).flatMap { _ in Self.operators(&random) }
        var before: [Double]?
        for threads in 1...device.bigCores {
            let model = CostModel(device: device.running(threads: threads))
            let costs = layers.map { model.modelled([$0]).latencyMs }
            if let before {
                for (step, (cost, before)) in zip(layers, zip(costs, before)) {
                    #expect(cost <= before, "\(threads) threads, \(step.key)")
                }
                #expect(costs.reduce(0, +) < before.reduce(0, +))
            }
            before = costs
        }
    }
}

extension Operator {
    /// The same operator on another map.
    fileprivate func on(_ input: FeatureShape) -> Operator {
        guard let step = Operator(
            kind, kernel: kernel, stride: stride, input: input, outputChannels: output.channels,
            activation: activation)
        else { preconditionFailure("no operator of a search space: \(key)") }
        return step
    }

    /// With one output channel more, where that is free.
    fileprivate var wider: Operator? {
        switch kind {
        case .convolution:
            .convolution(
                kernel: kernel, stride: stride, input: input, outputChannels: output.channels + 1,
                activation: activation)
        case .fullyConnected:
            .fullyConnected(
                inputChannels: input.channels, outputChannels: output.channels + 1, activation: activation)
        default: nil
        }
    }

    /// With the next larger window, where there is one.
    fileprivate var withLargerWindow: Operator? {
        switch kind {
        case .convolution:
            .convolution(
                kernel: kernel + 2, stride: stride, input: input, outputChannels: output.channels,
                activation: activation)
        case .depthwiseConvolution:
            .depthwiseConvolution(kernel: kernel + 2, stride: stride, input: input, activation: activation)
        default: nil
        }
    }
}
