/// What changes parameters by their gradients, step by step.
///
///     loss.evaluate(labels: labels)
///     network.backward()
///     optimizer.update(learningRate: 0.016)
public protocol Optimizer: AnyObject {
    /// What is trained.
    var parameters: [Parameter] { get }
    /// All that lives on from step to step, to be saved and restored.
    var state: [OptimizerState] { get }
    /// What an update must do at the least.
    var work: Work { get }
    /// One step with the gradients as they stand.
    func update(learningRate: Float)
    /// Forgets all steps.
    func reset()
}

/// What an optimiser remembers of the steps so far: one tensor beside every parameter.
public struct OptimizerState {
    /// What it is, for example "velocity".
    public let name: String
    /// In the order of the parameters, each of as many values as the parameter has.
    public let tensors: [Storage]

    public init(name: String, tensors: [Storage]) {
        self.name = name
        self.tensors = tensors
    }
}
