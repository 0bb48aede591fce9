import Architectures

/// Two graphs that differ in a branch, of which the image decides which one runs.
public struct GraphAlternatives: Hashable, Sendable {
    /// Whether the first graph has more multiply-accumulates or, where it has as many as the other, moves at least as many
    /// bytes.
    public let isFirstDearer: Bool
    /// Whether both launch the same.
    public let areSame: Bool
    /// How many multiply-accumulates the dearer graph has more.
    public let difference: Int

    public init(_ first: Graph, _ second: Graph) {
        let steps = GraphNetwork(first).operators.map(\.step), others = GraphNetwork(second).operators.map(\.step)
        func macs(_ steps: [Operator]) -> Double { steps.reduce(0) { $0 + Double($1.macs) } }
        func bytes(_ steps: [Operator]) -> Double { steps.reduce(0) { $0 + Double($1.inputBytes + $1.outputBytes) } }
        isFirstDearer = (macs(steps), bytes(steps)) >= (macs(others), bytes(others))
        areSame = steps == others
        difference = Int(min(abs(macs(steps) - macs(others)), 0x1p62))
    }
}
