import Architectures
import HardwareProfiles
import SupernetSearch

extension SearchSpace.Layer {
    /// The options of the layer's kernel axis; none where it has no such axis.
    var kernels: [Int] { axes.lazy.compactMap { if case .kernel(let sizes) = $0 { sizes } else { nil } }.first ?? [] }
    /// The same of its expansion axis.
    var expansions: [Int] { axes.lazy.compactMap { if case .expansion(let ratios) = $0 { ratios } else { nil } }.first ?? [] }

    /// The costs of every choice; a skipped layer costs nothing.
    func costs(_ cost: (BlockSize) -> Double) -> CostTable.Layer {
        CostTable.Layer(
            counts: axes.map(\.optionCount),
            entries: indexVectors.map { .init(sum: size(of: $0).map(cost) ?? 0, peak: 0) })
    }
}

extension LayerIndicators {
    /// Those of a layer with axes of its own for kernel and expansion.
    ///
    /// - Parameters:
    ///   - kernel: of its shells.
    ///   - expansion: of its slices; the first is whether the layer is there, and does not count where it may not be skipped.
    init(kernel: [Double], expansion: [Double], in layer: SearchSpace.Layer) {
        self.init(kernel + (layer.maySkip ? expansion : Array(expansion.dropFirst())))
        precondition(values.count == layer.parts.count, "\(kernel) and \(expansion) are not of \(layer.name)")
    }

    /// Of the shells of such a layer.
    func kernel(in layer: SearchSpace.Layer) -> [Double] { Array(values.prefix(layer.kernels.count - 1)) }

    /// Of its slices, from the first on.
    func expansion(in layer: SearchSpace.Layer) -> [Double] {
        (layer.maySkip ? [] : [1]) + values.dropFirst(layer.kernels.count - 1)
    }
}

extension SearchSpace {
    /// Where the part of that name is among the indicators of a layer.
    func index(ofPart name: String, inLayer index: Int) -> Int {
        guard let part = searchableLayers[index].parts.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no part \(name) in layer \(index) of \(self.name)")
        }
        return part
    }
}

extension RuntimeTerm {
    /// That of made-up latencies.
    init(_ space: SearchSpace, fixedMilliseconds: Double, milliseconds: (SearchSpace.Layer, BlockSize) -> Double) {
        let layers = space.searchableLayers
        self.init(
            CostTable(
                quantity: .latency, fixed: .init(sum: fixedMilliseconds, peak: 0),
                layers: layers.map { layer in layer.costs { milliseconds(layer, $0) } }), layers: layers)
    }
}
