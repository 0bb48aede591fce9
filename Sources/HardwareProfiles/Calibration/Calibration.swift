import Architectures
import Files
import Glibc

/// Parameters of the cost model that were fitted to measurements of a device, and how well they fit.
///
///     let calibration = try device.calibrated { name in try Architecture(contentsOf: path(of: name)) }
///
/// The fit is that of relative errors, in the logarithms of the parameters, each held near where it starts by as much
/// as is usual between devices: what the measurements do not tell keeps its usual value.
public struct Calibration: Hashable, Sendable {
    /// One thing that was measured on a device.
    struct Observation: Sendable {
        let operators: [Operator]
        let machine: Machine
        let latencyMs: Double
        /// How far from the truth it may be, relative.
        let uncertainty: Double

        func predictedMs(_ parameters: CostParameters) -> Double {
            operators.reduce(OperatorCost.none) { $0 + OperatorCost($1, on: machine, parameters: parameters) }.latencyMs
        }

        /// |predicted / measured − 1|.
        func error(_ parameters: CostParameters) -> Double { abs(predictedMs(parameters) / latencyMs - 1) }
    }

    public let parameters: CostParameters
    /// What the runtime that was measured computes in: the parameters tell nothing of another data type.
    public let dataType: Runtime.DataType
    /// What was measured, for people: "80 blocks".
    public let basis: String
    /// Of |predicted / measured − 1| over what was measured: the mean and the largest.
    public let meanError, worstError: Double

    init(
        parameters: CostParameters, dataType: Runtime.DataType, basis: String, meanError: Double, worstError: Double
    ) {
        self.parameters = parameters
        self.dataType = dataType
        self.basis = basis
        self.meanError = meanError
        self.worstError = worstError
    }

    /// Fits to observations, from one at least.
    ///
    /// - Parameters:
    ///   - start: where the fit starts, and near which what is not observed stays.
    ///   - dataType: of the observations.
    init(to observations: [Observation], in dataType: Runtime.DataType, basis: String, from start: CostParameters) {
        let first = start.list.map { log($0) }
        let fitted = LeastSquares.minimise(from: first) { logarithms in
            let parameters = CostParameters(logarithms.map { exp($0) })
            return observations.map { ($0.predictedMs(parameters) / $0.latencyMs - 1) / $0.uncertainty }
                + zip(logarithms, first).map { ($0 - $1) / CostParameters.usualSpread }
        }
        parameters = CostParameters(fitted.map { exp($0) })
        self.dataType = dataType
        self.basis = basis
        let fittedParameters = parameters
        let errors = observations.map { $0.error(fittedParameters) }
        meanError = errors.reduce(0, +) / Double(max(errors.count, 1))
        worstError = errors.max() ?? 0
    }

    /// `{"values": {…}, "calibrated_on", "mean_error", "worst_error", "data_type"}`, as a device profile has it.
    public var json: JSON {
        [
            "values": .object(CostParameters.Name.allCases.map { .init(key: $0.key, value: .number(parameters[$0])) }),
            "calibrated_on": .string(basis), "mean_error": .number(meanError), "worst_error": .number(worstError),
            "data_type": .string(dataType.rawValue),
        ]
    }
}

extension CostParameters {
    /// By how much a parameter usually differs from one device to the next, as a factor's logarithm: a third either
    /// way.
    static let usualSpread = 0.3
}

extension DeviceProfile {
    /// Every measured block, in the order of the tables and their entries.
    var blockObservations: [Calibration.Observation] {
        let machine = machine
        return tables.flatMap(\.entries).map { entry in
            Calibration.Observation(
                operators: entry.block.operators(input: entry.input), machine: machine, latencyMs: entry.latencyMs,
                uncertainty: Self.uncertainty(of: entry.latencyMs, in: entry.intervalMs, atLeast: 0.02))
        }
    }

    /// Every measured operator, in the order of the tables and their entries.
    private var operatorObservations: [Calibration.Observation] {
        let machine = machine
        return tables.flatMap(\.operators).map { entry in
            Calibration.Observation(
                operators: [entry.step], machine: machine, latencyMs: entry.latencyMs,
                uncertainty: Self.uncertainty(of: entry.latencyMs, in: entry.intervalMs, atLeast: 0.05))
        }
    }

    /// How far a latency may be from the truth, relative: half of its interval, but no less than is usual.
    private static func uncertainty(
        of latencyMs: Double, in interval: ClosedRange<Double>?, atLeast usual: Double
    ) -> Double {
        max(usual, interval.map { ($0.upperBound - $0.lowerBound) / 2 / latencyMs } ?? 0)
    }

    /// Every measured network, in order.
    ///
    /// - Parameter architecture: gives the architecture of a name that the profile's networks have.
    /// - Throws: what `architecture` throws.
    func networkObservations(
        architecture: (String) throws -> Architecture
    ) throws -> [Calibration.Observation] {
        try networks.map { network in
            Calibration.Observation(
                operators: try architecture(network.architecture).network.layers.flatMap(\.operators),
                machine: running(threads: network.threads).machine, latencyMs: network.latencyMs,
                uncertainty: 0.05)
        }
    }

    /// What the observations are, for people.
    var basis: String {
        let blocks = tables.reduce(0) { $0 + $1.entries.count }
        let operators = tables.reduce(0) { $0 + $1.operators.count }
        let counts = [(blocks, "block"), (operators, "operator"), (networks.count, "network")].filter { $0.0 > 0 }
        return counts.map { count, what in "\(count) \(what)\(count == 1 ? "" : "s")" }.joined(separator: " and ")
    }

    /// Fits the model's parameters to all that was measured on the device, from the runtime's usual values.
    ///
    /// - Throws: `FileError.invalid` where nothing was measured; what `architecture` throws.
    public func calibrated(architecture: (String) throws -> Architecture) throws -> Calibration {
        let observations = try blockObservations + operatorObservations + networkObservations(architecture: architecture)
        guard !observations.isEmpty else {
            throw FileError.invalid(
                path: path, place: "/tables",
                problem: "expected at least one measured block or network to calibrate on, found none")
        }
        return Calibration(to: observations, in: runtime.dataType, basis: basis, from: .usual(runtime.name))
    }
}
