import Architectures

/// The indicators of one searchable layer.
public struct LayerIndicators: Hashable, Sendable {
    /// One for each shell, from the second kernel size on.
    public var kernel: [Double]
    /// One for each slice, from the smallest expansion on; the first is the layer itself, always 1 where the layer
    /// may not be skipped.
    public var expansion: [Double]

    public init(kernel: [Double], expansion: [Double]) {
        self.kernel = kernel
        self.expansion = expansion
    }

    /// Everything in use: the largest choice.
    public static func allOn(_ layer: SearchSpace.Layer) -> LayerIndicators {
        LayerIndicators(kernel: layer.kernels.dropFirst().map { _ in 1 }, expansion: layer.expansions.map { _ in 1 })
    }

    /// What a choice of the layer amounts to.
    public init(_ choice: LayerChoice, in layer: SearchSpace.Layer) {
        self = .allOn(layer)
        switch choice {
        case .skip:
            expansion = expansion.map { _ in 0 }
        case .block(let kernelSize, let ratio):
            kernel = layer.kernels.dropFirst().map { $0 <= kernelSize ? 1 : 0 }
            expansion = layer.expansions.map { $0 <= ratio ? 1 : 0 }
        }
    }

    /// The choice that the indicators make: what is nested in something that is off does not count.
    public func choice(in layer: SearchSpace.Layer) -> LayerChoice {
        let slices = expansion.prefix { $0 == 1 }.count
        guard slices > 0 else { return .skip }
        return .block(
            kernel: layer.kernels[kernel.prefix { $0 == 1 }.count], expansion: layer.expansions[slices - 1])
    }

    /// As many numbers, all of this value.
    mutating func fill(_ value: Double) {
        for index in kernel.indices { kernel[index] = value }
        for index in expansion.indices { expansion[index] = value }
    }

    /// The same numbers as another of the layer has, in memory of its own.
    mutating func copy(_ other: LayerIndicators) {
        for index in kernel.indices { kernel[index] = other.kernel[index] }
        for index in expansion.indices { expansion[index] = other.expansion[index] }
    }

    /// Adds the numbers of another of the layer.
    mutating func add(_ other: LayerIndicators) {
        for index in kernel.indices { kernel[index] += other.kernel[index] }
        for index in expansion.indices { expansion[index] += other.expansion[index] }
    }
}
