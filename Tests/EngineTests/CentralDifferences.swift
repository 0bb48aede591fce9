import Engine
import Testing

/// Values that a loss depends on, and what the engine says is the loss's gradient by them.
struct Variable {
    let name: String
    let values: [Double]
    /// nil where the engine does not compute it.
    let gradient: [Double]?

    init(_ parameter: Parameter) {
        self.init(parameter.name, parameter.value, gradient: parameter.gradient)
    }

    init(_ name: String, _ values: Storage, gradient: Storage) {
        self.init(name, values.doubles, gradient: gradient.doubles)
    }

    init(_ name: String, _ values: [Double], gradient: [Double]?) {
        self.name = name
        self.values = values
        self.gradient = gradient
    }
}

/// Expects that the engine's gradients are the central differences of a loss.
///
/// The loss is the network written out in double precision (`PlainImages`), which the engine's forward pass is
/// compared with on its own: so its differences over ±10⁻⁶ are the derivative to about eight digits, no ReLU is
/// likely to switch within the step, and what is left is the engine's float32 rounding. That is about 10⁻⁶ of the
/// gradient's norm, more where batch normalisation subtracts nearly equal sums; 2 · 10⁻⁴ leaves room for that and
/// is far below what a wrong factor, sign, tap or channel would make.
///
/// - Parameters:
///   - loss: of the values of all variables, in their order.
///   - entries: how many entries of a variable are tried at most; beyond that they are drawn at random.
func expectCentralDifferences(
    of loss: ([[Double]]) -> Double, by variables: [Variable], entries: Int = 250, tolerance: Double = 2e-4,
    _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    let step = 1e-6
    var random = RandomSource(seed: 0, stream: 99)
    var values = variables.map(\.values)
    for (index, variable) in variables.enumerated() {
        guard let gradient = variable.gradient else { continue }
        let count = variable.values.count
        let tried = count <= entries ? Array(0..<count) : Array(Array(0..<count).shuffled(using: &random).prefix(entries))
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
        #expect(error <= bound, "\(variable.name) \(comment())", sourceLocation: sourceLocation)
    }
}

/// Expects that float32 values are those computed in double precision, to 10⁻⁵ of their norm.
func expectClose(
    _ actual: Storage, _ expected: PlainImages, _ comment: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(relativeDistance(actual.doubles, expected.values) < 1e-5, "\(comment())", sourceLocation: sourceLocation)
}
