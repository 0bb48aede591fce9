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
        write(architecture.weightTensors, of: weights)
    }

    /// Loads the weights of a network that differs in its classes alone: all but those of the classifier, which stays as it
    /// is (Yosinski et al., 2014, "How transferable are features in deep neural networks?").
    public func loadFeatures(_ weights: TrainedWeights) {
        precondition(
            weights.architecture.featureTensors == architecture.featureTensors,
            "ConvNet.loadFeatures: weights of \(weights.architecture.name) do not fit \(architecture.name)")
        write(architecture.featureTensors, of: weights)
    }

    private func write(_ tensors: [WeightTensor], of weights: TrainedWeights) {
        let storages = storages
        for tensor in tensors {
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
