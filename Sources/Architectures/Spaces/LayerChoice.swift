/// A choice of a searchable layer: one option on each of its axes, as an index vector.
///
/// Only the layer knows what the options are: `SearchSpace.Layer.size(of:)`.
///
///     let choice = LayerChoice([1, 1, 0])
///     choice[0]       // 1: the second option of the layer's first axis
@frozen public struct LayerChoice: Hashable, Sendable {
    /// The option on each axis; 0 beyond the layer's axes. Stored inline, because every layer of every candidate has
    /// one.
    public private(set) var options: SIMD8<UInt8>

    /// - Parameter options: an index into the options of each axis, in the order of the layer's axes.
    public init(_ options: [Int] = []) {
        precondition(
            options.count <= ChoiceAxis.limits.axes && options.allSatisfy { (0...ChoiceAxis.limits.options).contains($0) },
            "LayerChoice: \(options) has too many axes or options")
        self.options = .zero
        for (axis, option) in options.enumerated() { self.options[axis] = UInt8(option) }
    }

    /// The option on an axis, counted from 0.
    public subscript(axis: Int) -> Int {
        get { Int(options[axis]) }
        set { options[axis] = UInt8(newValue) }
    }
}
