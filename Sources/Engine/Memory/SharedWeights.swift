/// The weights and running statistics of a block that is a part of another, and their places in the whole block.
struct SharedWeights {
    private let parameters: [(own: Parameter, whole: Parameter, place: TensorPlace)]
    /// Running means and variances.
    private let statistics: [(own: Storage, whole: Storage, first: Int)]
    private let normalizations: [(own: BatchNormalization, whole: BatchNormalization)]

    /// - Parameter first: the hidden channel of the whole block that is the part's first.
    init(of part: InvertedBottleneck, in whole: InvertedBottleneck, from first: Int = 0) {
        var parameters: [(own: Parameter, whole: Parameter, place: TensorPlace)] = []
        var normalizations: [(own: BatchNormalization, whole: BatchNormalization, first: Int)] = []
        func add(_ own: Parameter, _ whole: Parameter, from start: [Int]) {
            parameters.append((own, whole, TensorPlace(of: own.shape, in: whole.shape, from: start)))
        }
        func add(_ own: FeatureMap, _ whole: FeatureMap, from first: Int) {
            guard let own = own.normalization, let whole = whole.normalization else { return }
            add(own.weight, whole.weight, from: [first])
            add(own.bias, whole.bias, from: [first])
            normalizations.append((own, whole, first))
        }
        if let own = part.expansion, let whole = whole.expansion {
            add(own.weights, whole.weights, from: [0, first])
            add(own.output, whole.output, from: first)
        }
        let border = (whole.shape.kernelSize - part.shape.kernelSize) / 2
        add(part.depthwise.kernel, whole.depthwise.kernel, from: [border, border, first])
        add(part.hidden, whole.hidden, from: first)
        add(part.projection.weights, whole.projection.weights, from: [first, 0])
        add(part.projection.output, whole.projection.output, from: 0)
        self.parameters = parameters
        self.normalizations = normalizations.map { ($0.own, $0.whole) }
        statistics = normalizations.flatMap { own, whole, first in
            [(own.runningMean, whole.runningMean, first), (own.runningVar, whole.runningVar, first)]
        }
    }

    /// Copies weights in before a forward pass of the part.
    func take() {
        for (own, whole, place) in parameters { place.copy(from: whole.value, to: own.value) }
        for (own, whole, first) in statistics { own.pointer.update(from: whole.pointer + first, count: own.count) }
        for (own, whole) in normalizations { own.runningWeight = whole.runningWeight }
    }

    /// Copies running statistics back after a forward pass of the part in training.
    func returnStatistics() {
        for (own, whole, first) in statistics { (whole.pointer + first).update(from: own.pointer, count: own.count) }
    }

    /// Copies gradients back after a backward pass of the part, with zeros for the rest of the whole.
    func returnGradients() {
        for (own, whole, place) in parameters {
            if own.gradient.count < whole.gradient.count { whole.gradient.fill(0) }
            place.copy(own.gradient, into: whole.gradient)
        }
    }
}

/// The place of a tensor within a larger one of the same rank, as runs of values.
private struct TensorPlace {
    private let run: Int
    private let starts: [(own: Int, whole: Int)]

    /// - Parameter start: the index of the first value, one number for each dimension.
    init(of own: [Int], in whole: [Int], from start: [Int]) {
        require(
            own.indices.allSatisfy { start[$0] + own[$0] <= whole[$0] },
            "TensorPlace: \(own) from \(start) on does not lie in \(whole)")
        let last = own.count - 1
        run = own[last]
        starts = (0..<last).reduce([(own: 0, whole: 0)]) { starts, side in
            starts.flatMap { outer in
                (0..<own[side]).map { (outer.own * own[side] + $0, outer.whole * whole[side] + $0 + start[side]) }
            }
        }.map { ($0.own * own[last], $0.whole * whole[last] + start[last]) }
    }

    func copy(from whole: Storage, to own: Storage) {
        for start in starts { (own.pointer + start.own).update(from: whole.pointer + start.whole, count: run) }
    }

    func copy(_ own: Storage, into whole: Storage) {
        for start in starts { (whole.pointer + start.whole).update(from: own.pointer + start.own, count: run) }
    }
}

extension InvertedBottleneck {
    /// Copies the weights and running statistics of a block that contains this one: the first hidden channels and the
    /// centre of the kernel.
    public func inherit(from whole: InvertedBottleneck) { SharedWeights(of: self, in: whole).take() }
}
