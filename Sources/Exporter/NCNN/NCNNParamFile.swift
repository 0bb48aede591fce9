import Architectures
import Files

/// A network in ncnn's text format (".param"): a magic number, the counts of layers and blobs, then a layer a line, with
/// its type, its name, its inputs and outputs and its parameters, "0=32 1=3".
///
/// The format is that of ncnn's own documentation (docs/developer-guide/param-and-model-file-structure.md and
/// operators.md). The weights, in another file, are not read.
public struct NCNNParamFile: Hashable, Sendable {
    /// Every layer with work as a layer with its own name.
    public let network: Network
    /// The names of the layers of types that are not known, by type; they count as memory traffic.
    public let unknown: [String: [String]]

    private static let magic = "7767517"

    /// - Throws: `FileError`: for a file of another format, a layer that reads what nothing wrote, shapes that contradict
    ///   each other, and an input whose sides are not given.
    public init(contentsOf path: String) throws {
        try self.init(text: TextFile.read(path, what: "ncnn model"), path: path)
    }

    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for the network's name and for messages.
    public init(text: String, path: String) throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first?.split(whereSeparator: \.isWhitespace).first.map(String.init) == Self.magic else {
            throw FileError.invalid(
                path: path, place: "line 1",
                problem: "expected \(Self.magic), the first line of ncnn's text format, found \(lines.first?.prefix(40) ?? "")")
        }
        var shapes: [String: FeatureShape] = [:], steps: [(name: String, step: Operator)] = []
        var input: FeatureShape?
        var unknown: [String: [String]] = [:], count = 0
        for (index, line) in lines.enumerated().dropFirst(2) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            if words.isEmpty { continue }
            let layer = try NCNNLayer(words, path: path, line: index + 1)
            count += 1
            let read = try layer.inputs.map { blob in
                guard let shape = shapes[blob] else {
                    throw layer.problem("reads \(blob), which no layer before it writes")
                }
                return shape
            }
            let work = try layer.work(reading: read)
            if layer.type == "Input" {
                if input != nil { throw layer.problem("is a second input; expected one") }
                input = work.outputs.first
            }
            if work.isUnknown { unknown[layer.type, default: []].append(layer.name) }
            for step in work.steps {
                if step.output.count > 1 << 31 { throw layer.problem("makes a map of \(step.output), which is too large") }
                steps.append((layer.name, step))
            }
            for (blob, shape) in zip(layer.outputs, work.outputs) { shapes[blob] = shape }
        }
        guard let input, let last = steps.last else {
            throw FileError.invalid(path: path, place: "", problem: "expected an Input layer and layers after it, found none")
        }
        let counts = lines.count > 1 ? lines[1].split(whereSeparator: \.isWhitespace).compactMap { Int($0) } : []
        if counts.count != 2 || counts[0] != count {
            throw FileError.invalid(
                path: path, place: "line 2",
                problem: "expected the number of layers, \(count), and of blobs, found \(lines.count > 1 ? lines[1].prefix(40) : "")")
        }
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if name.hasSuffix(".param") { name.removeLast(6) }
        network = Network(name: name, input: input, classes: last.step.output.count, operators: steps)
        self.unknown = unknown
    }
}

/// A line of the file.
struct NCNNLayer {
    let type, name: String
    let inputs, outputs: [String]
    private let path: String
    private let line: Int
    private var numbers: [Int: Int] = [:]
    private var lists: [Int: [Int]] = [:]

    init(_ words: [String], path: String, line: Int) throws {
        self.path = path
        self.line = line
        func invalid(_ problem: String) -> FileError { .invalid(path: path, place: "line \(line)", problem: problem) }
        guard words.count >= 4, let read = Int(words[2]), let written = Int(words[3]), read >= 0, written >= 0,
            read < 4096, written < 4096, words.count >= 4 + read + written
        else {
            throw invalid("expected a layer: type, name, numbers of inputs and outputs, and as many names, found "
                + words.joined(separator: " ").prefix(60))
        }
        (type, name) = (words[0], words[1])
        inputs = Array(words[4..<4 + read])
        outputs = Array(words[4 + read..<4 + read + written])
        for word in words[(4 + read + written)...] {
            let sides = word.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, let key = Int(sides[0]) else {
                throw invalid("expected a parameter like 0=32, found \(word.prefix(40))")
            }
            let values = sides[1].split(separator: ",").map { Double($0).map { $0.isFinite && abs($0) < 1e15 ? Int($0) : 0 } ?? 0 }
            if key <= -23300 { lists[-23300 - key] = Array(values.dropFirst()) } else { numbers[key] = values.first ?? 0 }
        }
    }

    func problem(_ problem: String) -> FileError {
        .invalid(path: path, place: "line \(line)", problem: "the layer \(name) (\(type)) \(problem)")
    }

    /// What a layer does, and the shapes of what it writes.
    struct Work {
        var steps: [Operator] = []
        var outputs: [FeatureShape]
        var isUnknown = false
    }

    private subscript(_ key: Int, or usual: Int) -> Int { numbers[key] ?? usual }

    /// ncnn's hints of the shapes of outputs: the number of sides, then width, height, channels; nil for none.
    private var hints: [FeatureShape]? {
        guard let list = lists[30], !list.isEmpty, list.count % 4 == 0 else { return nil }
        return stride(from: 0, to: list.count, by: 4).map { start in
            let sides = list[start + 1..<start + 4].map { max($0, 1) }
            switch list[start] {
            case 1: return FeatureShape(height: 1, width: 1, channels: sides[0])
            case 2: return FeatureShape(height: sides[1], width: 1, channels: sides[0])
            default: return FeatureShape(height: sides[1], width: sides[0], channels: sides[2])
            }
        }
    }

    private var activation: Activation {
        switch self[9, or: 0] {
        case 1, 2, 3: .relu
        case 6: .hardSwish
        // A gate's sigmoid is fused, and clamps and leaks cost as much as ReLU.
        default: .none
        }
    }

    private func window(_ width: Int, _ height: Int, _ strides: (Int, Int)) throws -> Window {
        guard width > 0, height > 0, strides.0 > 0, strides.1 > 0, width <= 1024, height <= 1024 else {
            throw problem("has a window of \(width)x\(height) at stride \(strides.0); expected sides and strides from 1 to 1024")
        }
        return Window(height: height, width: width, verticalStride: strides.1, horizontalStride: strides.0)
    }

    private func side(_ side: Int, _ window: Int, _ stride: Int, _ before: Int, _ after: Int) throws -> Int {
        if before == -233 || before == -234 { return (side + stride - 1) / stride }
        let padded = side + before + after - window
        guard padded >= 0 else { throw problem("has a window of \(window), larger than its map of \(side) with its padding") }
        return padded / stride + 1
    }

    /// What the layer does with maps of these shapes.
    func work(reading inputs: [FeatureShape]) throws -> Work {
        if type == "Input" {
            if let hint = hints?.first, numbers[0] == nil { return Work(outputs: [hint]) }
            let (width, height, channels) = (self[0, or: 0], self[1, or: 1], self[2, or: 1])
            guard (1...1_048_576).contains(width), (1...1_048_576).contains(height), (1...1_048_576).contains(channels) else {
                throw problem("gives no sides; expected 0=width 1=height 2=channels")
            }
            return Work(outputs: [FeatureShape(height: height, width: width, channels: channels)])
        }
        if type == "MemoryData" {
            return Work(outputs: [
                FeatureShape(
                    height: max(1, self[1, or: 1]), width: max(1, self[0, or: 1]), channels: max(1, self[2, or: 1]))
            ])
        }
        guard let first = inputs.first else { throw problem("reads nothing; expected an input") }
        switch type {
        case "Convolution", "ConvolutionDepthWise", "DepthWiseConvolution":
            return try convolution(first)
        case "Pooling": return try pooling(first)
        case "InnerProduct":
            let outputs = self[0, or: 0]
            guard (1...16_777_216).contains(outputs) else { throw problem("has \(outputs) outputs; expected 0=outputs") }
            let step = Operator.fullyConnected(
                inputChannels: first.count, outputChannels: outputs,
                epilogue: .init(hasBias: self[1, or: 0] == 1, activation: activation))
            return Work(steps: [step], outputs: [step.output])
        case "ReLU", "Clip", "PReLU": return .init(steps: [.activate(first, .relu)], outputs: [first])
        case "Swish", "Mish", "GELU": return .init(steps: [.activate(first, .swish)], outputs: [first])
        case "Sigmoid", "TanH": return .init(steps: [.activate(first, .sigmoid)], outputs: [first])
        case "HardSwish": return .init(steps: [.activate(first, .hardSwish)], outputs: [first])
        case "HardSigmoid": return .init(steps: [.activate(first, .hardSigmoid)], outputs: [first])
        case "BinaryOp", "Eltwise":
            let large = inputs.max { $0.count < $1.count } ?? first
            let other = inputs.count > 1 ? inputs.map(\.count).reduce(0, +) - large.count : 1
            return .init(steps: [.elementwise(large, otherCount: other)], outputs: [large])
        case "BatchNorm", "Scale": return .init(steps: [.normalize(first)], outputs: [first])
        case "Split", "Noop", "Dropout": return .init(outputs: self.outputs.map { _ in first })
        case "Softmax", "LRN", "ShuffleChannel", "UnaryOp", "Normalize":
            return .init(steps: [.memoryMove(input: first, output: first)], outputs: [first])
        case "Reshape", "Flatten", "Permute", "Squeeze", "ExpandDims": return reshape(first)
        case "Concat": return try concatenation(inputs)
        case "Slice", "Crop": return try slice(first)
        case "Reduction": return .init(steps: [.globalAveragePool(input: first)], outputs: [first.pooled])
        case "Padding":
            let output = FeatureShape(
                height: first.height + max(0, self[0, or: 0]) + max(0, self[1, or: 0]),
                width: first.width + max(0, self[2, or: 0]) + max(0, self[3, or: 0]), channels: first.channels)
            return .init(steps: [.memoryMove(input: first, output: output)], outputs: [output])
        default:
            let output = hints?.first ?? first
            return Work(
                steps: [.memoryMove(input: first, output: output)], outputs: hints ?? self.outputs.map { _ in first },
                isUnknown: true)
        }
    }

    private func convolution(_ input: FeatureShape) throws -> Work {
        let outputs = self[0, or: 0], groups = type == "Convolution" ? 1 : self[7, or: 1]
        guard (1...1_048_576).contains(outputs), groups > 0, input.channels % groups == 0, outputs % groups == 0 else {
            throw problem("makes \(outputs) channels of \(input.channels) in \(groups) groups, which do not divide them")
        }
        let width = self[1, or: 0], height = self[11, or: width], dilation = self[2, or: 1]
        let strideX = self[3, or: 1], strideY = self[13, or: strideX]
        let window = try window(width, height, (strideX, strideY))
        let left = self[4, or: 0], top = self[14, or: left], right = self[15, or: left], bottom = self[16, or: top]
        guard (1...1024).contains(dilation), max(left, top, right, bottom) <= 1024 else {
            throw problem("has a dilation of \(dilation) and a padding of \(max(left, top, right, bottom)); expected 1024 at most")
        }
        let output = FeatureShape(
            height: try side(input.height, (height - 1) * dilation + 1, strideY, top, bottom),
            width: try side(input.width, (width - 1) * dilation + 1, strideX, left, right), channels: outputs)
        let step = Operator.convolution(
            window: window, groups: groups, input: input, output: output,
            epilogue: .init(hasBias: self[5, or: 0] == 1, activation: activation))
        return Work(steps: [step], outputs: [output])
    }

    private func pooling(_ input: FeatureShape) throws -> Work {
        if self[4, or: 0] == 1 { return Work(steps: [.globalAveragePool(input: input)], outputs: [input.pooled]) }
        let width = self[1, or: 0], height = self[11, or: width]
        let strideX = self[2, or: 1], strideY = self[12, or: strideX]
        let window = try window(width, height, (strideX, strideY))
        let left = self[3, or: 0], top = self[13, or: left], right = self[14, or: left], bottom = self[15, or: top]
        let mode = self[5, or: 0]
        func side(_ side: Int, _ window: Int, _ stride: Int, _ padding: Int) throws -> Int {
            if mode >= 2 { return (side + stride - 1) / stride }
            let padded = side + padding - window
            guard padded >= 0 else { throw problem("has a window of \(window), larger than its map of \(side)") }
            // Mode 0 counts a last window that is not whole.
            return (mode == 0 ? padded + stride - 1 : padded) / stride + 1
        }
        let output = FeatureShape(
            height: try side(input.height, height, strideY, top + bottom),
            width: try side(input.width, width, strideX, left + right), channels: input.channels)
        let step: Operator = self[0, or: 0] == 0
            ? .maxPool(window: window, input: input, output: output)
            : .averagePool(window: window, input: input, output: output)
        return Work(steps: [step], outputs: [output])
    }

    private func reshape(_ input: FeatureShape) -> Work {
        if let hint = hints?.first { return Work(outputs: [hint]) }
        if type == "Flatten" || type == "Reshape", numbers[2] == nil, self[1, or: 1] == 1 {
            return Work(outputs: [FeatureShape(height: 1, width: 1, channels: input.count)])
        }
        if type == "Permute" { return Work(steps: [.memoryMove(input: input, output: input)], outputs: [input]) }
        let sides = [self[0, or: 1], self[1, or: 1], self[2, or: 1]]
        let known = sides.filter { $0 > 0 }.reduce(1, *)
        let all = sides.map { $0 == -1 ? max(1, input.count / max(known, 1)) : max(1, $0) }
        let isSame = all.reduce(1, *) == input.count
        return Work(outputs: [isSame ? FeatureShape(height: all[1], width: all[0], channels: all[2]) : input])
    }

    private func concatenation(_ inputs: [FeatureShape]) throws -> Work {
        var output = inputs[0]
        switch self[0, or: 0] {
        case 0: output.channels = inputs.reduce(0) { $0 + $1.channels }
        case 1: output.height = inputs.reduce(0) { $0 + $1.height }
        default: output.width = inputs.reduce(0) { $0 + $1.width }
        }
        let isAlike = inputs.allSatisfy { self[0, or: 0] != 0 || ($0.height == output.height && $0.width == output.width) }
        if !isAlike { throw problem("concatenates maps of different sides: \(inputs.map(\.description).joined(separator: ", "))") }
        return Work(steps: [.concatenate(output: output)], outputs: [output])
    }

    private func slice(_ input: FeatureShape) throws -> Work {
        if let hints { return Work(steps: [.memoryMove(input: input, output: input)], outputs: hints) }
        guard type == "Slice", let parts = lists[0], parts.count == outputs.count, self[1, or: 0] == 0 else {
            throw problem("has no shapes; expected hints (-23330) or a slice of the channels")
        }
        var left = input.channels
        let shapes = try parts.enumerated().map { index, part in
            let size = part == -233 ? left / (parts.count - index) : part
            guard (1...left).contains(size) else { throw problem("takes \(size) of \(left) channels that are left") }
            left -= size
            return FeatureShape(height: input.height, width: input.width, channels: size)
        }
        return Work(steps: [.memoryMove(input: input, output: input)], outputs: shapes)
    }
}
