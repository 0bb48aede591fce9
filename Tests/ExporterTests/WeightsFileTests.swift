import Architectures
import Engine
import Exporter
import Files
import Training
import Testing
import TestSupport

@Suite("Weights")
struct WeightsFileTests {
    private let provenance = Provenance(command: "onepath search", seed: 7, inputs: [], date: "2026-01-31T23:59:59Z")

    private func network(_ architecture: Architecture, seed: UInt64) -> ConvNet {
        var random = RandomSource(seed: seed)
        return ConvNet(architecture, batch: 3, random: &random, context: ExecutionContext(threads: 2))
    }

    /// A network with weights and statistics as a training leaves them.
    private func trained(_ architecture: Architecture) -> ConvNet {
        let network = network(architecture, seed: 1)
        var random = RandomSource(seed: 2)
        network.parameters.draw(&random)
        for normalization in network.normalizations {
            normalization.runningMean.draw(&random, deviation: 0.3)
            normalization.runningVar.write((0..<normalization.channels).map { _ in 0.5 + Float(random.uniform()) })
        }
        return network
    }

    private func logits(_ network: ConvNet) -> [UInt32] {
        var random = RandomSource(seed: 3)
        network.images.values.draw(&random)
        network.forward(training: false)
        return network.logits.values.bits
    }

    @Test("of a network, through a file, give another network the same logits, bit for bit")
    func sameBits() throws {
        let directory = try TemporaryDirectory()
        for architecture in [
            try SmallArchitectures.plain(), try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")).largest,
        ] {
            let network = trained(architecture)
            let file = WeightsFile(
                try network.weights, imageMean: [0.25] + Array(repeating: 0.5, count: architecture.input.channels - 1),
                imageDeviation: Array(repeating: 0.1, count: architecture.input.channels), provenance: provenance)
            try file.write(to: directory.file("weights.safetensors"))
            let read = try WeightsFile(contentsOf: directory.file("weights.safetensors"), for: architecture)
            #expect(read.weights == file.weights && read.provenance == provenance)
            #expect(read.imageMean == file.imageMean && read.imageDeviation == file.imageDeviation)
            let other = self.network(architecture, seed: 9)
            #expect(logits(other) != logits(network))
            other.load(read.weights)
            #expect(logits(other) == logits(network))
        }
    }

    @Test("have a tensor for every trained value of the network, and for its statistics")
    func complete() throws {
        for path in try ShippedFiles.references() {
            let architecture = try Architecture(contentsOf: path)
            let trained = architecture.weightTensors.filter(\.role.isTrained)
            #expect(trained.reduce(0) { $0 + $1.count } == architecture.network.parameters)
        }
    }

    @Test("of every reference network have timm's names, where timm has it", arguments: [
        ("mobilenet-v1", ["blocks.4.1.conv_pw.weight": [1024, 1024, 1, 1], "classifier.weight": [1000, 1024]], 5),
        ("mobilenet-v2", ["conv_head.weight": [1280, 320, 1, 1], "bn2.running_var": [1280]], 7),
        (
            "mobilenet-v3-large",
            ["blocks.6.0.conv.weight": [960, 160, 1, 1], "blocks.6.0.bn1.weight": [960],
             "conv_head.weight": [1280, 960, 1, 1], "conv_head.bias": [1280], "blocks.2.0.se.conv_reduce.bias": [24]], 7
        ),
        (
            "mobilenet-v3-small",
            ["blocks.5.0.conv.weight": [576, 96, 1, 1], "conv_head.weight": [1024, 576, 1, 1],
             "classifier.weight": [1000, 1024]], 6
        ),
        (
            "mobilenet-v3-small-minimalistic",
            ["blocks.5.0.conv.weight": [576, 96, 1, 1], "blocks.1.0.conv_dw.weight": [72, 1, 3, 3], "conv_head.bias": [1024]], 6
        ),
        ("efficientnet-lite0", ["blocks.2.0.conv_dw.weight": [144, 1, 5, 5], "conv_head.weight": [1280, 320, 1, 1]], 7),
        ("mnasnet-a1", ["blocks.2.0.se.conv_expand.weight": [72, 6, 1, 1], "conv_head.weight": [1280, 320, 1, 1]], 7),
        ("efficientnet-b0", ["blocks.0.0.se.conv_reduce.weight": [8, 32, 1, 1], "bn1.bias": [32]], 7),
        ("proxylessnas-mobile", ["blocks.1.0.conv_dw.weight": [48, 1, 5, 5]], 7),
    ] as [(String, [String: [Int]], Int)])
    func namesOfTimm(name: String, shapes: [String: [Int]], stages: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("timm.safetensors")
        let architecture = try Architecture(contentsOf: ShippedFiles.reference(name))
        let weights = WeightsFile(try TrainedWeights(untrained: architecture), provenance: provenance)
        try weights.writeForTimm(to: path)
        let entries = try SafetensorsFile(path: path).entries
        #expect(Set(entries.map(\.name)).count == architecture.weightTensors.count)
        for (tensor, shape) in shapes {
            #expect(entries.first { $0.name == tensor }?.shape == shape, "\(tensor)")
        }
        #expect(Set(entries.map(\.name).filter { $0.hasPrefix("blocks.") }.map { $0.split(separator: ".")[1] }).count == stages)
        #expect(try WeightsFile(contentsOf: path, for: architecture).weights == weights.weights)
    }

    @Test("in timm's names come back the same")
    func timm() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("timm.safetensors")
        for architecture in [try SmallArchitectures.plain(), try SmallArchitectures.squeezed()] {
            let file = WeightsFile(try TrainedWeights(untrained: architecture), provenance: nil)
            try file.writeForTimm(to: path)
            #expect(try WeightsFile(contentsOf: path, for: architecture).weights == file.weights)
        }
        let names = try SafetensorsFile(path: path).entries.map(\.name)
        for name in [
            "conv_stem.weight", "bn1.running_var", "blocks.0.0.conv_dw.weight", "blocks.0.0.se.conv_reduce.bias",
            "blocks.0.0.conv_pw.weight", "blocks.0.1.conv_pwl.weight", "blocks.0.1.bn3.weight", "conv_head.weight",
            "bn2.bias", "classifier.weight",
        ] { #expect(names.contains(name), "\(name)") }
    }

    @Test("of a network that is a member of another module are found below the member's name, and what else is there is named")
    func member() throws {
        let directory = try TemporaryDirectory()
        let architecture = try SmallArchitectures.plain()
        let weights = try TrainedWeights(untrained: architecture)
        let own = directory.file("own.safetensors"), other = directory.file("other.safetensors")
        try WeightsFile(weights, provenance: nil).writeForTimm(to: own)
        let file = try SafetensorsFile(path: own)
        func write(_ prefix: String, _ more: [NamedTensor] = []) throws {
            let tensors = try file.entries.map { entry in
                let tensor = try #require(try file.tensor(entry.name))
                return NamedTensor(name: prefix + tensor.name, shape: tensor.shape, values: tensor.values)
            }
            try SafetensorsFile.write(tensors + more, metadata: file.metadata.map { ($0.key, $0.value) }, to: other)
        }
        for prefix in ["model.", "_orig_mod.module.net.backbone."] {
            try write(prefix)
            #expect(try WeightsFile(contentsOf: other, for: architecture).weights == weights)
        }
        try write("model.", [NamedTensor(name: "criterion.weight", shape: [1], values: [1])])
        let found = invalidPlace { try WeightsFile(contentsOf: other, for: architecture) }
        #expect(found?.place == "tensor \"criterion.weight\"" && found?.sentence.contains("has no such tensor") == true)
    }

    @Test("of another epsilon are rescaled to be the same function; a file that names none has PyTorch's")
    func epsilon() throws {
        let directory = try TemporaryDirectory()
        let architecture = try SmallArchitectures.plain()
        let weights = try trained(architecture).weights
        let own = directory.file("own.safetensors"), other = directory.file("other.safetensors")
        try WeightsFile(weights, provenance: nil).writeForTimm(to: own)
        let file = try SafetensorsFile(path: own)
        try SafetensorsFile.write(try file.entries.map { try #require(try file.tensor($0.name)) }, to: other)
        let read = try WeightsFile(contentsOf: other, for: architecture).weights
        var compared = 0
        for tensor in architecture.weightTensors {
            guard tensor.role == .normalizationWeight else {
                #expect(read[tensor.name] == weights[tensor.name])
                continue
            }
            let variances = weights[tensor.name.replacing(".scale", with: ".variance")]
            for (index, variance) in variances.enumerated() {
                let expected = Double(weights[tensor.name][index]) / (Double(variance) + 1e-5).squareRoot()
                let found = Double(read[tensor.name][index]) / (Double(variance) + 1e-3).squareRoot()
                #expect(abs(expected - found) <= 1e-6 * abs(expected))
                compared += 1
            }
        }
        #expect(compared > 0)
        #expect(Float(Architecture.normalizationEpsilon) == BatchNormalization.eps)
    }

    @Test("of another network are refused by the name of the first tensor that does not fit")
    func unfitting() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("weights.safetensors")
        let plain = try SmallArchitectures.plain(), squeezed = try SmallArchitectures.squeezed()
        for isForTimm in [false, true] {
            let file = WeightsFile(try TrainedWeights(untrained: plain), provenance: nil)
            try isForTimm ? file.writeForTimm(to: path) : file.write(to: path)
            let found = invalidPlace { try WeightsFile(contentsOf: path, for: squeezed) }
            #expect(found?.place.hasPrefix("tensor \"") == true && found?.sentence.hasPrefix(path) == true)
        }
        let file = WeightsFile(try TrainedWeights(untrained: plain), provenance: nil)
        try file.write(to: path)
        let whole = try SafetensorsFile(path: path)
        let tensors = try whole.entries.map { try #require(try whole.tensor($0.name)) }
        func refusal(_ tensors: [NamedTensor]) throws -> String? {
            try SafetensorsFile.write(tensors, to: path)
            return invalidPlace { try WeightsFile(contentsOf: path, for: plain) }?.sentence
        }
        #expect(
            try refusal(Array(tensors.dropFirst()))?.contains("tensor \"stem.convolution\": expected a tensor of shape")
                == true)
        #expect(
            try refusal(tensors + [NamedTensor(name: "more", shape: [1], values: [0])])?.contains("tensor \"more\"")
                == true)
        func changed(_ name: String, _ value: Float) -> [NamedTensor] {
            tensors.map {
                $0.name == name ? NamedTensor(name: name, shape: $0.shape, values: [value] + $0.values.dropFirst()) : $0
            }
        }
        #expect(
            try refusal(changed("stem.normalization.variance", -1))?.contains("of at least 0, found -1.0 at index 0")
                == true)
        #expect(try refusal(changed("classifier.bias", .nan))?.contains("expected finite values, found nan") == true)
    }

    @Test("that nobody trained are the same every time, and have no zero among the kernels")
    func untrained() throws {
        let architecture = try SmallArchitectures.squeezed()
        let weights = try TrainedWeights(untrained: architecture)
        #expect(try TrainedWeights(untrained: architecture) == weights)
        for tensor in architecture.weightTensors where tensor.layout != .vector {
            #expect(!weights[tensor.name].contains(0))
        }
    }
}
