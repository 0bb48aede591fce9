/// One of the choices of a layer of a search space.
public enum LayerChoice: Hashable, Sendable, CustomStringConvertible {
    /// The layer is the identity.
    case skip
    /// The layer is a block with this depthwise kernel and this expansion ratio.
    case block(kernel: Int, expansion: Int)

    /// "skip" or "3x3 e6".
    public var description: String {
        switch self {
        case .skip: "skip"
        case .block(let kernel, let expansion): "\(kernel)x\(kernel) e\(expansion)"
        }
    }
}

extension Architecture {
    /// What was chosen for each searchable layer, in order.
    public var choices: [LayerChoice] {
        layers.filter(\.isSearchable).map { layer in
            switch layer.content {
            case .skip: .skip
            case .block(let block): .block(kernel: block.kernel, expansion: Int(block.expansion))
            }
        }
    }
}
