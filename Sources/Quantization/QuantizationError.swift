import Architectures
import Files

/// The reason why a network cannot be quantised, as one sentence that a person can act on.
public enum QuantizationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Operators with an activation that int8 runs badly.
    case activation(network: String, Activation, operators: Int, addedBytes: Int)
    /// Blocks with a squeeze-excite.
    case squeezeExcite(network: String, blocks: Int)
    /// Fewer images than asked for.
    case tooFewImages(dataset: String, asked: Int, found: Int)
    /// All images have one label.
    case oneClass(dataset: String, images: Int)
    /// All images have the same colour everywhere.
    case constantImages(dataset: String, images: Int)
    /// A value of the network that is not finite for some image.
    case notFinite(network: String, step: String)

    public var description: String {
        switch self {
        case .activation(let network, let activation, let operators, let bytes):
            "\(network): expected ReLU or ReLU6, which int8 operators apply for free, found \(activation.rawValue) after "
                + "\(operators.counted("operator")): in int8 each of them is a table over the map, which "
                + "reads and writes \(bytes) bytes more for one image, and the values below zero share the 256 steps; "
                + "train the network with ReLU, or export it in float32"
        case .squeezeExcite(let network, let blocks):
            "\(network): expected blocks without squeeze-excite, found \(blocks) with one, whose sigmoid int8 operators do "
                + "not apply; export the network in float32"
        case .tooFewImages(let dataset, let asked, let found):
            "\(dataset): expected \(asked) calibration images, found \(found)"
        case .oneClass(let dataset, let images):
            "\(dataset): expected calibration images of several classes, found \(images) of one"
        case .constantImages(let dataset, let images):
            "\(dataset): expected calibration images that differ, found \(images) whose values are all the same"
        case .notFinite(let network, let step):
            "\(network): expected finite values for every calibration image, found others after \(step)"
        }
    }

    /// Checks that int8 operators have all activations of a network.
    static func check(_ architecture: Architecture) throws(QuantizationError) {
        let steps = architecture.network.layers.flatMap(\.operators)
        let isBlockWithGate = architecture.layers.filter {
            if case .block(let block) = $0.content { block.squeezeExcite != nil } else { false }
        }
        for activation in Activation.allCases where ![.none, .relu, .relu6].contains(activation) {
            let found = steps.filter { $0.activation == activation && $0.kind != .multiply }
            guard !found.isEmpty, activation == .swish || activation == .hardSwish else { continue }
            throw .activation(
                network: architecture.name, activation, operators: found.count,
                addedBytes: found.reduce(0) { $0 + 2 * $1.output.count })
        }
        if !isBlockWithGate.isEmpty { throw .squeezeExcite(network: architecture.name, blocks: isBlockWithGate.count) }
    }
}
