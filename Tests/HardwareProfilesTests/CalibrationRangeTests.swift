import Architectures
import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("What is far from all that a model was fitted to")
struct CalibrationRangeTests {
    private let model: CostModel

    init() throws { model = CostModel(device: try .shipped("pixel1")) }

    private func source(
        side: Int, kernel: Int = 3, expansion: Double = 4, from: Int, to: Int, on model: CostModel? = nil
    ) -> CostSource {
        let block = Block(
            shape: .init(kernel: kernel, stride: 1, expansion: expansion, inputChannels: from, outputChannels: to),
            residual: from == to)
        let layer = Network.Layer(
            name: "layer", input: FeatureShape(height: side, width: side, channels: from), content: .block(block),
            isSearchable: true)
        return (model ?? self.model).cost(of: layer, space: nil).source
    }

    @Test("shapes between and near the measured ones are modelled, others extrapolated")
    func shapes() {
        // Measured on the Pixel 1: 40 channels at 28 pixels, 80 and 96 at 14, 192 at 7, with 3 and 6 times as many inside.
        #expect(source(side: 28, from: 40, to: 40) == .modelled)
        #expect(source(side: 20, from: 60, to: 60) == .modelled)
        #expect(source(side: 28, from: 24, to: 40) == .modelled)
        #expect(source(side: 28, from: 8, to: 12) == .extrapolated)
        #expect(source(side: 28, from: 200, to: 400) == .extrapolated)
        #expect(source(side: 300, from: 24, to: 24) == .extrapolated)
        #expect(source(side: 3, from: 192, to: 192) == .extrapolated)
        // 7x7 is less than twice 5x5; 13x13 is not, and most of the time is in it.
        #expect(source(side: 28, kernel: 7, from: 40, to: 40) == .modelled)
        #expect(source(side: 28, kernel: 13, from: 40, to: 40) == .extrapolated)
    }

    @Test("kinds of operators that were not measured are extrapolated")
    func kinds() throws {
        let estimate = model.estimate(try Architecture.reference("mobilenet-v2").network)
        // A dense 3x3 convolution, and a fully connected layer.
        #expect(estimate.layers.filter { $0.source == .extrapolated }.map(\.name) == ["stem", "classifier"])
        #expect(estimate.extrapolatedLayers == 2 && estimate.modelledLayers + estimate.measuredLayers == 18)
        #expect(estimate.json["extrapolated_layers"] == 2)
    }

    @Test("28x28 grey images on a Pixel 1 are extrapolated in most of their time, and it is said")
    func smallMaps() throws {
        let estimate = model.estimate(try SearchSpace.shipped("fashion-mnist").largest.network)
        // The depthwise convolutions of stage1, of 48 and 72 channels at 14x14, are not far from those of 72 at 28x28.
        #expect(estimate.layers.allSatisfy { ($0.source == .modelled) == $0.name.hasPrefix("stage1") })
        let far = estimate.layers.filter { $0.source == .extrapolated }.reduce(0) { $0 + $1.latencyMs }
        #expect(far > 0.7 * estimate.latencyMs, "\(far) of \(estimate.latencyMs) ms")
        #expect(
            CostEstimate.extrapolation(in: [estimate])
                == "\(estimate.extrapolatedLayers) of \(estimate.layerCount) layers are extrapolated: nothing like them was "
                + "measured, and errors can be larger")
    }

    @Test("parameters that stand in have the range of the device that lends them, with any number of threads")
    func lent() throws {
        let device = try DeviceProfile.shipped("pixel6-tflite-2018")
        for model in [CostModel(device: device), CostModel(device: device.running(threads: 2))] {
            #expect(source(side: 28, from: 40, to: 40, on: model) == .modelled)
            #expect(source(side: 28, from: 8, to: 12, on: model) == .extrapolated)
        }
    }

    @Test("where only whole networks were measured, nothing is called extrapolated")
    func networks() throws {
        let model = CostModel(device: try .shipped("pixel1-xnnpack"))
        #expect(source(side: 28, from: 8, to: 12, on: model) == .modelled)
        let estimate = model.estimate(try Architecture.reference("mobilenet-v2").network)
        #expect(estimate.extrapolatedLayers == 0 && CostEstimate.extrapolation(in: [estimate]) == nil)
    }
}
