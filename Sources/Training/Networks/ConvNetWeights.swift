import Architectures
import Engine

extension ConvNet {
    /// A copy of all trained tensors and running statistics.
    public var weights: TrainedWeights {
        get throws {
            let storages = storages
            return try TrainedWeights(for: architecture) { tensor in
                storages[tensor.name].map { (tensor.shape, $0.values) }
            }
        }
    }

    /// Loads weights of this network's architecture; the network then computes the same as their source, bit for bit.
    public func load(_ weights: TrainedWeights) {
        precondition(
            weights.architecture.weightTensors == architecture.weightTensors,
            "ConvNet.load: weights of \(weights.architecture.name) do not fit \(architecture.name)")
        let storages = storages
        for tensor in architecture.weightTensors {
            guard let storage = storages[tensor.name] else {
                preconditionFailure("ConvNet.load: the network has no tensor \(tensor.name)")
            }
            storage.write(weights[tensor.name])
        }
    }

    /// By the names of the architecture's `weightTensors`.
    private var storages: [String: Storage] {
        var storages = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.value) })
        for statistic in namedStatistics { storages[statistic.name] = statistic.storage }
        return storages
    }
}
