import Architectures
import Files

/// Follows the shapes of ncnn's blobs from layer to layer, and collects what the layers do.
struct NCNNReader {
    /// The shape of a blob.
    private enum Blob {
        case known(NCNNShape)
        /// The layer that writes it does not tell its shape.
        case unknown(writer: NCNNLayer)
    }

    private let free: FreeSides
    private var blobs: [String: Blob] = [:]
    private(set) var steps: [(name: String, step: Operator)] = []
    /// The network's input; nil before its layer.
    private(set) var input: FeatureShape?
    /// The names of the layers without a rule, by type.
    private(set) var unknown: [String: [String]] = [:]
    /// The work of all steps, which must stay a number that can be counted.
    private var work = 0.0

    init(free: FreeSides) { self.free = free }

    /// - Throws: `FileError` where the layer cannot be.
    mutating func add(_ layer: NCNNLayer) throws {
        let read = try layer.inputs.map { name -> Blob in
            guard let blob = blobs[name] else { throw layer.problem("reads \(name), which no layer before it writes") }
            return blob
        }
        if layer.type == "Input" {
            if input != nil { throw layer.problem("is a second input; expected one") }
            let shape = try inputShape(layer)
            input = shape.map
            for name in layer.outputs { blobs[name] = .known(shape) }
        } else if layer.isAlias {
            guard let first = read.first else { throw layer.problem("reads nothing; expected an input") }
            // Noop may have several inputs, each of which has a name of its own among the outputs.
            for (index, name) in layer.outputs.enumerated() { blobs[name] = index < read.count ? read[index] : first }
        } else if layer.rule != nil {
            let shapes = try read.map { blob -> NCNNShape in
                switch blob {
                case .known(let shape): return shape
                case .unknown(let writer): throw Self.missingShape(of: writer, for: layer)
                }
            }
            if let work = try layer.work(reading: shapes) {
                for step in work.steps { try add(step, of: layer) }
                for (name, shape) in zip(layer.outputs, work.outputs) { blobs[name] = .known(shape) }
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

    private static func missingShape(of writer: NCNNLayer, for reader: NCNNLayer) -> FileError {
        writer.problem(
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
            blobs[name] = index < hints.count ? .known(hints[index]) : .unknown(writer: layer)
        }
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
    }

    // MARK: - The input

    /// The shape of the image, by its own parameters, by the hint, or by what settles it.
    private func inputShape(_ layer: NCNNLayer) throws -> NCNNShape {
        if let batch = free.batch ?? (free.input?.count == 4 ? free.input?.first : nil), batch != 1 {
            throw layer.problem("reads one image at a time; expected a batch of 1, found \(batch)")
        }
        if let name = free.named.keys.min() {
            throw layer.problem("expected the sides of the image without a name in --input, found those of \"\(name)\"")
        }
        let wanted = free.input.map { $0.count == 4 ? Array($0.dropFirst()) : $0 }
        if let shape = try layer.givenShape ?? layer.hints.first {
            if let wanted, wanted != shape.sides {
                let text = wanted.map(String.init).joined(separator: "x")
                throw layer.problem("has the sides \(shape), channels first; expected the same in --input, found \(text)")
            }
            return shape
        }
        guard let wanted else {
            throw layer.problem("gives no sides; expected 0=width 1=height 2=channels; --input 1x3x224x224 settles them")
        }
        return try layer.shape(wanted)
    }
}
