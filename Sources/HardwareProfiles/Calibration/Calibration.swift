import Architectures
import Files
import Glibc

/// Parameters of the cost model that were fitted to measurements of a device, and how well they fit.
///
///     let calibration = try device.calibrated { name in try OperatorList(contentsOf: path(of: name)).operators }
///
/// The fit minimises relative errors over the logarithms of the parameters. Each parameter is held near its start, as
/// strongly as devices usually agree on it: a parameter that the measurements do not determine keeps its usual value.
public struct Calibration: Hashable, Sendable {
    /// One measurement on a device.
    struct Observation: Sendable {
        let operators: [Operator]
        let machine: Machine
        let latencyMs: Double
        /// Its relative uncertainty.
        let uncertainty: Double

        func predictedMs(_ parameters: CostParameters) -> Double {
            operators.reduce(OperatorCost.none) { $0 + OperatorCost($1, on: machine, parameters: parameters) }.latencyMs
        }

        /// |predicted / measured − 1|.
        func error(_ parameters: CostParameters) -> Double { abs(predictedMs(parameters) / latencyMs - 1) }

        /// The same where other observations corrected the model.
        func error(_ parameters: CostParameters, _ residual: DepthwiseResidual?) -> Double {
            guard let residual else { return error(parameters) }
            let predictedMs = operators.reduce(0) {
                $0 + OperatorCost($1, on: machine, parameters: parameters).scaled(by: residual.factor(of: $1)).latencyMs
            }
            return abs(predictedMs / latencyMs - 1)
        }
    }

    public let parameters: CostParameters
    /// The data type of the measured runtime: the parameters hold for no other data type.
    public let dataType: Runtime.DataType
    /// What was measured, for people: "80 blocks".
    public let basis: String
    /// The mean and the largest |predicted / measured − 1| over the measurements, of the parameters alone.
    public let meanError, worstError: Double
    /// What the measurements say beyond the parameters; nil where too few blocks were measured.
    let residual: DepthwiseResidual?
    /// What was measured, as ranges of shapes; nil where that is not known, as for whole networks.
    var range: CalibrationRange?

    init(
        parameters: CostParameters, residual: DepthwiseResidual?, dataType: Runtime.DataType, basis: String, meanError: Double,
        worstError: Double
    ) {
        self.parameters = parameters
        self.residual = residual
        self.dataType = dataType
        self.basis = basis
        self.meanError = meanError
        self.worstError = worstError
    }

    /// Fits to at least one observation.
    ///
    /// - Parameters:
    ///   - start: where the fit starts; parameters that nothing observes stay near it.
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
        residual = DepthwiseResidual(observations, parameters: fittedParameters)
        let errors = observations.map { $0.error(fittedParameters) }
        meanError = errors.reduce(0, +) / Double(max(errors.count, 1))
        worstError = errors.max() ?? 0
    }

    /// `{"values": {…}, "calibrated_on", "mean_error", "worst_error", "data_type", "depthwise": […]}`, the form in a device
    /// profile; the last where there is a residual.
    public var json: JSON {
        let document: JSON = [
            "values": .object(CostParameters.Name.allCases.map { .init(key: $0.key, value: .number(parameters[$0])) }),
            "calibrated_on": .string(basis), "mean_error": .number(meanError), "worst_error": .number(worstError),
            "data_type": .string(dataType.rawValue),
        ]
        guard let residual, case .object(let members) = document else { return document }
        return .object(members + [.init(key: "depthwise", value: residual.json)])
    }
}

extension CostParameters {
    /// By how much a parameter usually differs between devices, as the logarithm of a factor: a third in either
    /// direction.
    static let usualSpread = 0.3
}

extension DeviceProfile {
    /// Every measured block, in the order of the tables and their entries.
    var blockObservations: [Calibration.Observation] {
        let machine = machine
        return tables.flatMap(\.entries).map { entry in
            Calibration.Observation(
                operators: entry.block.operators(input: entry.input), machine: machine, latencyMs: entry.latencyMs,
                uncertainty: Self.uncertainty(of: entry.latencyMs, in: entry.intervalMs, atLeast: Self.blockUncertainty))
        }
    }

    /// How far a block or an operator strays from any parameters, because no mechanism describes all that a kernel does.
    private static let blockUncertainty = 0.05

    /// Every measured operator, in the order of the tables and their entries.
    private var operatorObservations: [Calibration.Observation] {
        let machine = machine
        return tables.flatMap(\.operators).map { entry in
            Calibration.Observation(
                operators: [entry.step], machine: machine, latencyMs: entry.latencyMs,
                uncertainty: Self.uncertainty(of: entry.latencyMs, in: entry.intervalMs, atLeast: Self.blockUncertainty))
        }
    }

    /// The relative uncertainty of a latency: half of its interval, but at least the usual one.
    private static func uncertainty(
        of latencyMs: Double, in interval: ClosedRange<Double>?, atLeast usual: Double
    ) -> Double {
        max(usual, interval.map { ($0.upperBound - $0.lowerBound) / 2 / latencyMs } ?? 0)
    }

    /// The measured networks that a fit learns from: those on the cores that the profile's threads run on, and that are not
    /// odd.
    public var fittedNetworks: [MeasuredNetwork] { networks.filter { !$0.isOdd && isOnUsualCores($0) } }

    /// Every one of `fittedNetworks`, in order.
    ///
    /// - Parameter operators: returns those of the measured network of that name.
    /// - Throws: what `operators` throws.
    func networkObservations(
        operators: (String) throws -> [Operator]
    ) throws -> [Calibration.Observation] {
        try fittedNetworks.map { network in
            Calibration.Observation(
                operators: try operators(network.architecture),
                machine: running(threads: network.threads).machine, latencyMs: network.latencyMs,
                uncertainty: 0.05)
        }
    }

    /// What the observations are, for people.
    var basis: String {
        let blocks = tables.reduce(0) { $0 + $1.entries.count }
        let operators = tables.reduce(0) { $0 + $1.operators.count }
        let counts = [(blocks, "block"), (operators, "operator"), (fittedNetworks.count, "network")].filter { $0.0 > 0 }
        return counts.map { count, what in count.counted(what) }.joined(separator: " and ")
    }

    /// Fits the model's parameters to all measurements of the device, starting from the runtime's usual values.
    ///
    /// - Throws: `FileError.invalid` where nothing was measured; what `operators` throws.
    public func calibrated(operators: (String) throws -> [Operator]) throws -> Calibration {
        let observations = try blockObservations + operatorObservations + networkObservations(operators: operators)
        guard !observations.isEmpty else {
            throw FileError.invalid(
                path: path, place: "/tables",
                problem: "expected at least one measured block or network to calibrate on, found none")
        }
        return Calibration(to: observations, in: runtime.dataType, basis: basis, from: .usual(runtime.name))
    }
}
