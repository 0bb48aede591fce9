import Engine

/// Values that a loss depends on, and what the engine says is the loss's gradient by them.
public struct Variable {
    public let name: String
    public let values: [Double]
    /// nil where the engine does not compute it.
    public let gradient: [Double]?

    public init(_ parameter: Parameter) {
        self.init(parameter.name, parameter.value, gradient: parameter.gradient)
    }

    public init(_ name: String, _ values: Storage, gradient: Storage) {
        self.init(name, values.doubles, gradient: gradient.doubles)
    }

    public init(_ name: String, _ values: [Double], gradient: [Double]?) {
        self.name = name
        self.values = values
        self.gradient = gradient
    }
}

/// Which of the engine's gradients are not the central differences of a loss, in words; empty where all are.
///
/// The loss is the network written out in double precision (`PlainImages`), which the engine's forward pass is
/// compared with on its own: so its differences over ±10⁻⁷ are the derivative to about seven digits, no ReLU is
/// likely to switch within the step, and what is left is the engine's float32 rounding. That is about 10⁻⁶ of the
/// gradient's norm, more where batch normalisation subtracts nearly equal sums; 2 · 10⁻⁴ leaves room for that and
/// is far below what a wrong factor, sign, tap or channel would make.
///
/// - Parameters:
///   - loss: of the values of all variables, in their order.
///   - entries: how many entries of a variable are tried at most; beyond that they are drawn at random.
public func deviationsFromCentralDifferences(
    of loss: ([[Double]]) -> Double, by variables: [Variable], entries: Int = 250, tolerance: Double = 2e-4
) -> [String] {
    var deviations: [String] = []
    let step = 1e-7
    var random = RandomSource(seed: 0, stream: 99)
    var values = variables.map(\.values)
    for (index, variable) in variables.enumerated() {
        guard let gradient = variable.gradient else { continue }
        let count = variable.values.count
        var tried = Array(0..<count)
        if count > entries {
            random.shuffle(&tried)
            tried.removeSubrange(entries...)
        }
        let differences = tried.map { entry in
            values[index][entry] = variable.values[entry] + step
            let above = loss(values)
            values[index][entry] = variable.values[entry] - step
            let below = loss(values)
            values[index][entry] = variable.values[entry]
            return (above - below) / (2 * step)
        }
        let error = norm(zip(tried, differences).map { gradient[$0] - $1 })
        // Where the true gradient vanishes, both sides may keep some rounding.
        let bound = tolerance * norm(differences) + 1e-6
        if !(error <= bound && bound.isFinite) { deviations.append("\(variable.name): \(error) apart, \(bound) allowed") }
    }
    return deviations
}
