import Architectures
import CXNNPACK
import HardwareProfiles

/// XNNPACK, the engine inside TensorFlow Lite, PyTorch Mobile and ONNX Runtime Mobile, channels-last, in float32 or in
/// int8.
///
///     let runtime = try XNNPACKRuntime(threads: 1, dataType: .int8)
///     let network = try runtime.prepare(architecture.network)
///     try network.run {}
public struct XNNPACKRuntime: InferenceRuntime {
    public static let name = "xnnpack"

    public let facts: RuntimeFacts
    private let pool: ThreadPoolHandle?

    /// - Parameters:
    ///   - threads: the number of threads; with one, the caller computes.
    ///   - dataType: of weights and maps. In int8, weights of convolutions have a scale for every output channel.
    /// - Throws: `ProfilingError.unavailable`.
    public init(threads: Int, dataType: Runtime.DataType = .float32) throws {
        precondition(threads > 0, "a runtime needs a thread at least, got \(threads)")
        try Self.initialize()
        if threads > 1 {
            guard let pool = ThreadPoolHandle(threads: threads) else {
                throw ProfilingError.unavailable(runtime: Self.name, reason: "no pool of \(threads) threads")
            }
            self.pool = pool
        } else {
            pool = nil
        }
        facts = RuntimeFacts(name: Self.name, version: InstalledPackage.version(of: "libxnnpack0"), threads: threads, dataType: dataType)
    }

    private static let initialization = xnn_initialize(nil).rawValue

    /// Initialises the library on the first call.
    ///
    /// - Throws: `ProfilingError.unavailable`.
    static func initialize() throws {
        let status = xnn_status(rawValue: initialization)
        guard status == xnn_status_success else {
            throw ProfilingError.unavailable(runtime: name, reason: words(for: status))
        }
    }

    public func prepare(_ network: Network) throws -> any PreparedNetwork {
        switch facts.dataType {
        case .float32:
            try XNNPACKNetwork<XNNPACKOperator>(network, weights: { OperatorWeights(toMeasure: $1) }, pool: pool)
        case .int8:
            try XNNPACKNetwork<XNNPACKInt8Operator>(network, weights: { Int8OperatorWeights(toMeasure: $1) }, pool: pool)
        }
    }

    package func prepare(_ network: Network, weights: [OperatorWeights]) throws -> XNNPACKNetwork<XNNPACKOperator> {
        try XNNPACKNetwork(network, weights: { index, _ in weights[index] }, pool: pool)
    }

    package func prepare(
        _ network: Network, weights: [Int8OperatorWeights]
    ) throws -> XNNPACKNetwork<XNNPACKInt8Operator> {
        try XNNPACKNetwork(network, weights: { index, _ in weights[index] }, pool: pool)
    }

    static func words(for status: xnn_status) -> String {
        switch status {
        case xnn_status_uninitialized: "the library is not initialised"
        case xnn_status_invalid_parameter: "invalid parameter"
        case xnn_status_invalid_state: "invalid state"
        case xnn_status_unsupported_parameter: "unsupported parameter"
        case xnn_status_unsupported_hardware: "unsupported hardware"
        case xnn_status_out_of_memory: "out of memory"
        default: "status \(status.rawValue)"
        }
    }
}

/// The threads that XNNPACK computes with; they end with the last reference.
final class ThreadPoolHandle: @unchecked Sendable {
    let pointer: pthreadpool_t

    init?(threads: Int) {
        guard let pointer = pthreadpool_create(threads) else { return nil }
        self.pointer = pointer
    }

    deinit { pthreadpool_destroy(pointer) }
}
