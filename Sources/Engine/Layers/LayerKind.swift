/// The kinds of layers in a table of a step's time.
public enum LayerKind: String, CaseIterable, Sendable {
    case convolution
    case pointwise = "pointwise convolution"
    case depthwise = "depthwise convolution"
    case branchOutput = "block output"
    case activation
    case pooling
    case dropout
    case fullyConnected = "fully connected"
}
