import Architectures

/// Consecutive equal blocks in the form of timm's `decode_arch_def`: "ir_r3_k3_s2_e6_c40_se0.25_noskip".
///
/// - `ir`: an inverted bottleneck; `ds`: one of expansion 1 without its expansion convolution
/// - `r`: the number of blocks; `k`: the depthwise kernel; `s`: the stride of the first, the others have 1;
///   `e`: the expansion; `c`: the output channels; `se`: the squeeze divided by the block's input channels
/// - `nre`, `nsw`, `nhs`: with ReLU, swish or hard swish; without any, with the stem's activation
/// - `noskip`: without a residual
struct TimmBlockString: Hashable, CustomStringConvertible {
    var count = 1
    let block: Block
    /// The activation of a string without `n…`.
    let usual: Activation

    init(_ block: Block, usual: Activation) {
        self.block = block
        self.usual = usual
    }

    /// Whether `next`, following this, can be counted as one more of the same.
    func repeats(as next: Block) -> Bool {
        let shape = block.shape, width = shape.outputChannels
        // One `noskip` holds for all blocks of the string, and has no effect where a residual is impossible.
        return next.shape.inputChannels == width && next.shape.outputChannels == width && next.shape.stride == 1
            && next.shape.kernel == shape.kernel && next.shape.expansion == shape.expansion
            && next.squeezeExcite?.ratio == block.squeezeExcite?.ratio && next.activation == block.activation
            && next.expandConvolution == block.expandConvolution
            && (shape.allowsResidual ? next.residual == block.residual : next.residual)
    }

    /// The smallest number of strings for consecutive blocks.
    static func strings(for blocks: [Block], usual: Activation) -> [TimmBlockString] {
        var strings: [TimmBlockString] = []
        for block in blocks {
            if let last = strings.last, last.repeats(as: block) {
                strings[strings.count - 1].count += 1
            } else {
                strings.append(TimmBlockString(block, usual: usual))
            }
        }
        return strings
    }

    var description: String {
        let shape = block.shape
        var parts = [block.expandConvolution ? "ir" : "ds", "r\(count)", "k\(shape.kernel)", "s\(shape.stride)"]
        if block.expandConvolution { parts.append("e\(Self.text(shape.expansion))") }
        parts.append("c\(shape.outputChannels)")
        if let squeezeExcite = block.squeezeExcite { parts.append("se\(Self.text(squeezeExcite.ratio))") }
        if block.activation != usual, let name = Self.activations[block.activation] { parts.append("n\(name)") }
        if shape.allowsResidual && !block.residual { parts.append("noskip") }
        return parts.joined(separator: "_")
    }

    /// timm's names of the activations that a block can have.
    static let activations: [Activation: String] = [.relu: "re", .relu6: "r6", .swish: "sw", .hardSwish: "hs"]

    private static func text(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
}

extension TimmBlockString {
    /// The problem of a string, as one sentence.
    struct Problem: Error, Hashable {
        let sentence: String
    }

    /// The blocks of a string, the first on a map of `inputChannels` channels.
    ///
    /// - Throws: `Problem` for a kind of block or an option that `Block` does not support.
    static func blocks(
        _ text: String, inputChannels: Int, usual: Activation, gate: Activation
    ) throws(Problem) -> [Block] {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        let kind = parts[0]
        guard kind == "ir" || kind == "ds" else {
            throw Problem(sentence: "\(text): expected a block of kind ir or ds, found \(kind)")
        }
        var numbers: [String: Substring] = [:]
        var hasSkip = true
        var activation = usual
        let known = kind == "ir" ? ["r", "k", "s", "e", "c", "se"] : ["r", "k", "s", "c", "se"]
        for part in parts.dropFirst() {
            let key = String(part.prefix { $0.isLetter })
            switch part {
            case "noskip": hasSkip = false
            default:
                if let named = Self.activations.first(where: { "n\($0.value)" == part })?.key {
                    activation = named
                    break
                }
                guard known.contains(key), numbers[key] == nil else {
                    throw Problem(
                        sentence: "\(text): expected the options \(known.joined(separator: ", ")), nre, nr6, nsw, nhs and "
                            + "noskip, each once, found \(part)")
                }
                numbers[key] = part.dropFirst(key.count)
            }
        }
        func integer(_ key: String, _ range: ClosedRange<Int>) throws(Problem) -> Int {
            guard let text = numbers[key], let value = Int(text), range.contains(value) else {
                throw Problem(
                    sentence: "\(text): expected \(key) with a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        let count = try integer("r", 1...64)
        let kernel = try integer("k", 1...31)
        guard kernel % 2 == 1 else { throw Problem(sentence: "\(text): expected an odd kernel, found \(kernel)") }
        let stride = try integer("s", 1...2)
        var expansion = 1.0
        if kind == "ir" {
            guard let ratio = numbers["e"].flatMap({ Double($0) }), (0.125...32).contains(ratio) else {
                throw Problem(sentence: "\(text): expected e with a number from 0.125 to 32")
            }
            expansion = ratio
        }
        let outputChannels = try integer("c", 1...65536)
        var squeezeExcite: SqueezeExcite?
        if let ratio = numbers["se"] {
            guard let value = Double(ratio), (0...8).contains(value) else {
                throw Problem(sentence: "\(text): expected se with a number from 0 to 8, found \(ratio)")
            }
            if value > 0 { squeezeExcite = SqueezeExcite(ratio: value, activation: activation, gate: gate) }
        }
        return (0..<count).map { index in
            let shape = Block.Shape(
                kernel: kernel, stride: index == 0 ? stride : 1, expansion: expansion,
                inputChannels: index == 0 ? inputChannels : outputChannels, outputChannels: outputChannels)
            return Block(
                shape: shape, squeezeExcite: squeezeExcite, residual: hasSkip && shape.allowsResidual,
                expandConvolution: kind == "ir", activation: activation)
        }
    }
}
