import Architectures
import Engine
import Files
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport
import Training

@Suite("Against PyTorch")
struct VectorTests {
    @Test("a superkernel block: output, statistics, every gradient and the derivatives by its parts", arguments: [
        "block_all_on", "block_slice_off", "block_skipped", "block_many_choices", "block_shell_off",
    ])
    func block(name: String) throws {
        let vectors = try TestVectors(name)
        let batch = vectors.integer("batch"), inputs = vectors.integer("input_channels")
        guard let kernels = vectors.configuration["kernels"], let expansions = vectors.configuration["expansions"] else {
            fatalError("no choices in \(name)")
        }
        let layer = try Spaces.space(
            name, side: 8, stem: inputs,
            stages: [
                [
                    "name": "only", "layers": 1, "output_channels": .integer(vectors.integer("output_channels")),
                    "stride": .integer(vectors.integer("stride")),
                    "choices": ["kernels": kernels, "expansions": expansions, "skip": true],
                ]
            ], head: 4, classes: 2
        ).searchableLayers[0]
        #expect(vectors.configuration["may_skip"] == .bool(layer.maySkip))

        let context = ExecutionContext(threads: 2)
        let input = FeatureMap(
            shape: .init(
                batch: batch, height: vectors.integer("height"), width: vectors.integer("width"), channels: inputs),
            context: context)
        let hidden = layer.expansions.last! * inputs
        let count = input.rows * hidden
        let block = InvertedBottleneck(
            name: "block", shape: InvertedBottleneck.Shape(
                kernelSize: layer.kernels.last!, stride: layer.stride, hiddenChannels: hidden,
                outputChannels: layer.output.channels, expands: true, residual: layer.residual),
            input: input, gated: true, gradients: SharedGradients(expanded: count, hidden: count), context: context)
        var random = RandomSource(seed: 0)
        let superkernel = Superkernel(layer: layer, block: block, random: &random)
        let parameters = block.parameters.filter { $0 !== block.depthwise.kernel } + [superkernel.kernel]
        func vectorName(_ name: String) -> String { String(name.dropFirst("block.".count)) }
        for parameter in parameters { parameter.value.write(vectors.floats(vectorName(parameter.name))) }
        input.values.write(vectors.floats("input"))

        let indicators = vectors.indicators("", of: layer)
        superkernel.select(indicators, probing: true)
        block.forward(training: true)
        #expect(vectors.distance(block.output.values.doubles, from: "output") < 1e-5)
        for normalization in block.normalizations {
            let name = "running." + vectorName(normalization.name)
            #expect(vectors.distance(normalization.runningMean.doubles, from: name + ".mean") < 1e-5)
            #expect(vectors.distance(normalization.runningVar.doubles, from: name + ".variance") < 1e-5)
        }

        block.output.gradient.write(vectors.floats("output_gradient"))
        block.backward()
        superkernel.backward(probing: true)
        #expect(vectors.distance(input.gradient.doubles, from: "gradient.input") < 1e-4)
        for parameter in parameters {
            let name = "gradient." + vectorName(parameter.name)
            #expect(vectors.distance(parameter.gradient.doubles, from: name) < 1e-4, "\(name)")
        }
        #expect(vectors.derivativeDistance(superkernel.derivatives, from: "", under: indicators, of: layer) < 1e-4)
    }

    @Test("a small supernet: loss, logits, every gradient and the derivatives by its parts", arguments: [
        "supernet_all_on", "supernet_mixed",
    ])
    func supernet(name: String) throws {
        let vectors = try TestVectors(name)
        guard let document = vectors.configuration["space"] else { fatalError("no space in \(name)") }
        let space = try SearchSpace(json: JSONNode(document, path: name))
        let layers = space.searchableLayers
        let costs = CostTable(
            quantity: .latency, fixed: .init(sum: vectors.number("fixed_ms"), peak: 0),
            layers: layers.map { layer in
                let flat = vectors["table." + layer.name]
                return layer.costs { size in
                    flat[layer.kernels.firstIndex(of: size.kernel)! * layer.expansions.count
                        + layer.expansions.firstIndex(of: size.expansion)!]
                }
            })
        let supernet = Supernet(
            space: space, runtime: RuntimeTerm(costs, layers: layers),
            batch: vectors.integer("batch"), regularization: Regularization(dropout: 0), seed: 0,
            context: ExecutionContext(threads: 2))
        for parameter in supernet.parameters { parameter.value.write(vectors.floats(parameter.name)) }
        supernet.network.images.values.write(vectors.floats("images"))
        let labels = vectors["labels"].map { Int32($0) }, lambda = vectors.number("lambda")

        let indicators = layers.map { vectors.indicators($0.name + ".", of: $0) }
        supernet.select(indicators, probing: true)
        supernet.network.forward(training: true)
        let loss = supernet.loss(labels: labels, lambda: lambda)
        #expect(vectors.distance(supernet.network.logits.values.doubles, from: "logits") < 1e-4)
        #expect(abs(loss.crossEntropy - vectors["cross_entropy"][0]) < 1e-5)
        #expect(abs(loss.runtimeMs - vectors["runtime_ms"][0]) < 1e-6)
        #expect(abs(loss.total - vectors["loss"][0]) < 1e-5)
        supernet.backward(probing: true)
        for parameter in supernet.parameters {
            let name = "gradient." + parameter.name
            #expect(vectors.distance(parameter.gradient.doubles, from: name) < 2e-4, "\(name)")
        }
        for (index, layer) in layers.enumerated() {
            let derivatives = supernet.superkernels[index].derivatives
            let distance = vectors.derivativeDistance(derivatives, from: layer.name + ".", under: indicators[index], of: layer)
            #expect(distance < 2e-4, "\(layer.name)")
        }
        supernet.select(indicators)
        supernet.network.forward(training: false)
        #expect(vectors.distance(supernet.network.logits.values.doubles, from: "evaluation_logits") < 1e-4)
    }
}
