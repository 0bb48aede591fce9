import Architectures
import Files

/// Follows the shapes of ncnn's blobs from layer to layer, and collects what the layers do.
struct NCNNReader {
    /// The shape of a blob.
    private enum Blob {
        case known(NCNNShape)
        /// The layer that writes it, by that name, does not tell its shape.
        case unknown(writer: NCNNLayer, name: String)
    }

    private let free: FreeSides
    private var blobs: [String: Blob] = [:]
    /// How many values the file of weights has for a blob, until a step counts them: positions, class tokens, factors.
    private var stored: [String: Int] = [:]
    private(set) var steps: [(name: String, step: Operator)] = []
    private var lifetimes = MapLifetimes()
    /// The map that holds each blob; what the file stores is none.
    private var holders: [String: Int] = [:]
    /// The blobs that a layer has read.
    private var isRead: Set<String> = []
    /// How many layers were added, and that of each step.
    private var layerCount = 0, places: [Int] = []
    /// The network's first input; nil before its layer.
    private(set) var input: FeatureShape?
    /// The names of the inputs.
    private(set) var inputs: [String] = []
    /// The names of the layers that cut out regions, and of those that read caches whose length nothing tells.
    private var regional: [String] = [], cached: [String] = []
    /// Whether a layer computes rows one after another.
    private(set) var isRecurrent = false
    /// The names of the layers without a rule, by type.
    private(set) var unknown: [String: [String]] = [:]
    /// The work of all steps, which must stay a number that can be counted.
    private var work = 0.0

    init(free: FreeSides) { self.free = free }

    /// - Throws: `FileError` where the layer cannot be.
    mutating func add(_ layer: NCNNLayer) throws {
        // What neither reads nor writes does not run: facts for the program that loads the network.
        if layer.inputs.isEmpty, layer.outputs.isEmpty { return }
        let read = try layer.inputs.map { name -> Blob in
            guard let blob = blobs[name] else { throw layer.problem("reads \(name), which no layer before it writes") }
            return blob
        }
        defer { layerCount += 1 }
        for name in layer.inputs {
            isRead.insert(name)
            if let map = holders[name] { lifetimes.read(map, by: layerCount) }
        }
        if layer.type == "Input" {
            try addInput(layer)
        } else if layer.isAlias {
            guard let first = read.first else { throw layer.problem("reads nothing; expected an input") }
            // Noop may have several inputs, each of which has a name of its own among the outputs.
            for (index, name) in layer.outputs.enumerated() {
                blobs[name] = index < read.count ? read[index] : first
                holders[name] = holders[layer.inputs[index < read.count ? index : 0]]
            }
            let values = storedValues(of: layer)
            passOn(values, to: layer)
        } else if layer.rule != nil {
            var shapes: [NCNNShape] = []
            reading: for blob in read {
                switch blob {
                case .known(let shape): shapes.append(shape)
                case .unknown(let writer, let name):
                    if shapes.count < layer.decidingCount { throw Self.missingShape(of: name, from: writer, for: layer) }
                    break reading
                }
            }
            if let work = try layer.work(reading: shapes) {
                var values = storedValues(of: layer)
                if work.steps.isEmpty { passOn(layer.type == "MemoryData" ? work.outputs[0].count : values, to: layer) }
                for var step in work.steps {
                    step.trainedCount += values
                    values = 0
                    try add(step, of: layer)
                }
                for (name, shape) in zip(layer.outputs, work.outputs) { blobs[name] = .known(shape) }
                if work.steps.isEmpty {
                    // The same values under another shape; weights are no maps.
                    for name in layer.outputs { holders[name] = layer.inputs.first.flatMap { holders[$0] } }
                } else {
                    if work.steps.count == 1, work.steps[0].runsInPlace, let map = layer.inputs.first.flatMap({ holders[$0] }) {
                        lifetimes.overwrite(map, by: layerCount)
                    }
                    hold(layer)
                    holdBetween(work.steps, of: layer)
                }
                if layer.isRecurrent, shapes[0].height > 1 { isRecurrent = true }
                if layer.isRegional { regional.append(layer.name) }
                if layer.isCached, shapes.count < read.count { cached.append(layer.name) }
            } else {
                try addUnknown(layer, reading: shapes.first)
            }
        } else {
            let shapes = read.compactMap { blob -> NCNNShape? in
                if case .known(let shape) = blob { return shape }
                return nil
            }
            try addUnknown(layer, reading: shapes.first)
        }
    }

    /// How many values of the file of weights the layer reads first of all. Weights of a convolution count as its own.
    private mutating func storedValues(of layer: NCNNLayer) -> Int {
        let counts = layer.inputs.compactMap { stored.removeValue(forKey: $0) }
        return layer.readsWeights ? 0 : counts.reduce(0, +)
    }

    /// Notes that a layer without work passes on values of the file of weights. A single number is no weight.
    private mutating func passOn(_ values: Int, to layer: NCNNLayer) {
        if values > 1, let name = layer.outputs.first { stored[name] = values }
    }

    /// What a run decides and the price cannot know, in sentences.
    var choices: [String] {
        func listed(_ names: [String]) -> String { names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "") }
        var sentences: [String] = []
        if !regional.isEmpty { sentences.append("a run finds the regions that \(listed(regional)) cut out: one region is priced") }
        if !cached.isEmpty {
            sentences.append(
                "\(listed(cached)) read what earlier runs have kept, whose sides no --input gives: none of it is priced")
        }
        return sentences
    }

    private static func missingShape(of name: String, from writer: NCNNLayer, for reader: NCNNLayer) -> FileError {
        if writer.type == "Input" {
            return writer.problem(
                "gives no sides for \(name), and \(reader.name) (\(reader.type)) reads them; --input \(name)=3x224x224 settles them")
        }
        return writer.problem(
            "writes a blob whose shape is not known, and \(reader.name) (\(reader.type)) reads it; expected a type with a "
                + "rule, or the shape as a hint, -23330=4,dimensions,width,height,channels")
    }

    /// A layer without a rule: it moves what it reads, and writes what the file hints at.
    private mutating func addUnknown(_ layer: NCNNLayer, reading shape: NCNNShape?) throws {
        let hints = layer.hints
        unknown[layer.type, default: []].append(layer.name)
        if let read = shape ?? hints.first {
            try add(.memoryMove(input: read.map, output: (hints.first ?? read).map), of: layer)
        }
        for (index, name) in layer.outputs.enumerated() {
            blobs[name] = index < hints.count ? .known(hints[index]) : .unknown(writer: layer, name: name)
        }
        hold(layer)
    }

    /// Notes that what a layer writes is in memory from now on.
    private mutating func hold(_ layer: NCNNLayer) {
        for name in layer.outputs {
            guard case .known(let shape) = blobs[name] else { continue }
            holders[name] = lifetimes.add(values: shape.count, type: layer.typeOfMaps, writtenBy: layerCount)
        }
    }

    /// Notes what a layer of several steps needs beside what it reads and writes, where one of the steps works on more.
    private mutating func holdBetween(_ steps: [Operator], of layer: NCNNLayer) {
        let largest = steps.lazy.map { $0.input.count + $0.output.count }.max() ?? 0
        let own = (layer.inputs + layer.outputs).reduce(0) { sum, name in
            guard case .known(let shape) = blobs[name] else { return sum }
            return sum + shape.count
        }
        guard steps.count > 1, largest > own else { return }
        _ = lifetimes.add(values: largest - own, type: layer.typeOfMaps, writtenBy: layerCount)
    }

    /// What is in memory while each of the steps runs. What no layer reads is an answer of the network, and stays.
    var maps: [LivingMaps] {
        var lifetimes = lifetimes
        for (name, map) in holders where !isRead.contains(name) { lifetimes.read(map, by: layerCount) }
        let living = lifetimes.living(operators: layerCount)
        return places.map { living[$0] }
    }

    private mutating func add(_ step: Operator, of layer: NCNNLayer) throws {
        func values(_ shape: FeatureShape) -> Double {
            Double(shape.height) * Double(shape.width) * Double(shape.channels)
        }
        for shape in [step.input, step.output] where values(shape) > Double(NCNNShape.limit) {
            throw layer.problem("works on a map of \(shape), which is too large")
        }
        let depth =
            switch step.kind {
            case .convolution, .groupedConvolution, .transposedConvolution, .fullyConnected, .batchedProduct:
                Double(step.input.channels / step.groups)
            default: 1.0
            }
        work += max(values(step.output), values(step.input)) * Double(step.window.count) * depth
            * Double(step.kind == .transposedConvolution ? step.output.channels : 1)
        guard work < 1e17 else { throw layer.problem("makes more work than can be counted") }
        steps.append((layer.name, layer.typed(step)))
        places.append(layerCount)
    }

    // MARK: - The inputs

    /// An input whose sides nothing tells is an error where a layer needs them; of the first, it is one at once.
    private mutating func addInput(_ layer: NCNNLayer) throws {
        for name in layer.outputs {
            let isFirst = inputs.isEmpty
            inputs.append(name)
            if let shape = try inputShape(layer, name, isFirst: isFirst) {
                if isFirst { input = shape.map }
                blobs[name] = .known(shape)
            } else {
                blobs[name] = .unknown(writer: layer, name: name)
            }
        }
        hold(layer)
    }

    /// The shape of an input, by its own parameters, by the hint, or by what settles it; nil where nothing does.
    private func inputShape(_ layer: NCNNLayer, _ name: String, isFirst: Bool) throws -> NCNNShape? {
        var wanted = free.named[name] ?? (isFirst ? free.input : nil)
        var batch = isFirst ? free.batch : nil
        if let sides = wanted, sides.count > 3 {
            batch = batch ?? sides[0]
            wanted = Array(sides.dropFirst())
        }
        if let batch, batch != 1 {
            throw layer.problem("reads one image at a time; expected a batch of 1, found \(batch)")
        }
        if let shape = try layer.givenShape ?? layer.hints.first {
            if let wanted, wanted != shape.sides {
                let text = wanted.map(String.init).joined(separator: "x")
                throw layer.problem("has the sides \(shape), channels first; expected the same in --input, found \(text)")
            }
            return shape
        }
        if wanted == nil, isFirst {
            throw layer.problem("gives no sides; expected 0=width 1=height 2=channels; --input 1x3x224x224 settles them")
        }
        return try wanted.map { try layer.shape($0) }
    }
}
