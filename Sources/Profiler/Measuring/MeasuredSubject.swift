import Architectures
import Files

/// The subject of a latency.
public enum MeasuredSubject: Hashable, Sendable {
    /// An inverted bottleneck on a map of that shape.
    case block(Block, input: FeatureShape)
    /// One kernel launch.
    case `operator`(Operator)
    /// Several consecutive kernel launches that were timed together.
    case sequence([Operator])

    /// Two subjects with the same key do the same work; it is also the key of a network's layer with this content.
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

    /// The subject alone, as the layer of a network with the same key.
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

    /// The unique name of the subject's models in a plan's directory, without extension: its key, without characters that are special to
    /// file systems and shells.
    var modelName: String {
        "models/" + key.replacing("->", with: "-to-").replacing(", ", with: "-").replacing(" ", with: "-")
            .replacing("=", with: "-") 
    }

    /// The fields that describe the subject.
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
