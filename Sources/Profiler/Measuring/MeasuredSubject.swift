import Architectures
import Files

/// What a latency is of.
public enum MeasuredSubject: Hashable, Sendable {
    /// An inverted bottleneck on a map of that shape.
    case block(Block, input: FeatureShape)
    /// One kernel launch.
    case `operator`(Operator)
    /// Several kernel launches in a row that were timed as one.
    case sequence([Operator])

    /// Two subjects of one key are the same work; this is the key of a network's layer with this content.
    public var key: String {
        switch self {
        case .block(let block, let input): block.key(input: input)
        case .operator(let step): step.key
        case .sequence(let steps): steps.map(\.key).joined(separator: ", ")
        }
    }

    /// What a runtime launches, in order.
    public var operators: [Operator] {
        switch self {
        case .block(let block, let input): block.operators(input: input)
        case .operator(let step): [step]
        case .sequence(let steps): steps
        }
    }

    /// Multiply-accumulates for one image.
    public var macs: Int { operators.reduce(0) { $0 + $1.macs } }

    /// The subject alone, as the layer of a network; its key is that of the subject.
    public var layer: Network.Layer {
        let content: Network.Layer.Content
        let shape: FeatureShape
        switch self {
        case .block(let block, let input): (content, shape) = (.block(block), input)
        case .operator(let step): (content, shape) = (.operators([step]), step.input)
        case .sequence(let steps):
            precondition(!steps.isEmpty, "a sequence has an operator at least")
            (content, shape) = (.operators(steps), steps[0].input)
        }
        return Network.Layer(name: "alone", input: shape, content: content, isSearchable: false)
    }

    /// The name of a model of the subject in a plan's directory, which no other subject has: its key, without what
    /// file systems and shells do not like.
    var modelName: String {
        "models/" + key.replacing("->", with: "-to-").replacing(", ", with: "-").replacing(" ", with: "-")
            .replacing("=", with: "-") + ".onnx"
    }

    /// The fields that say what the subject is.
    var members: [JSON.Member] {
        switch self {
        case .block(let block, let input):
            guard case .object(let fields) = block.json else { return [] }
            return [
                .init(key: "input_height", value: .integer(input.height)),
                .init(key: "input_width", value: .integer(input.width)),
            ] + fields
        case .operator(let step):
            return step.members
        case .sequence(let steps):
            return [.init(key: "operators", value: .array(steps.map { .object($0.members) }))]
        }
    }
}
