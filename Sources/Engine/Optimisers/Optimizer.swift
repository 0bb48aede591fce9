/// Updates parameters by their gradients, step by step.
///
///     loss.evaluate(labels: labels)
///     network.backward()
///     optimizer.update(learningRate: 0.016)
public protocol Optimizer: AnyObject {
    /// The trained parameters.
    var parameters: [Parameter] { get }
    /// The state that persists between steps, to save and restore.
    var state: [OptimizerState] { get }
    /// The minimal work of an update.
    var work: Work { get }
    /// One step with the present gradients.
    func update(learningRate: Float)
    /// Forgets all steps.
    func reset()
}

/// Optimiser state: one tensor for every parameter.
public struct OptimizerState {
    /// Its name, for example "velocity".
    public let name: String
    /// In the order of the parameters; each has as many values as its parameter.
    public let tensors: [Storage]

    public init(name: String, tensors: [Storage]) {
        self.name = name
        self.tensors = tensors
    }
}
