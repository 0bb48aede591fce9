import Architectures
import HardwareProfiles

/// TensorFlow Lite's program that times a model: its command line, and what it prints
/// (tensorflow/lite/tools/benchmark, which LiteRT continues).
public struct BenchmarkModel: RemoteRunner, Hashable {
    public let path: String
    public let threads: Int
    public let cores: String?
    /// Whether XNNPACK runs the model, or TensorFlow Lite's own kernels.
    public let usesXNNPACK: Bool
    /// Of the weights and maps of the models that it is given.
    public let dataType: Runtime.DataType

    public init(
        path: String, threads: Int, cores: String?, usesXNNPACK: Bool, dataType: Runtime.DataType = .float32
    ) {
        self.path = path
        self.threads = threads
        self.cores = cores
        self.usesXNNPACK = usesXNNPACK
        self.dataType = dataType
    }

    public var facts: RuntimeFacts {
        RuntimeFacts(
            name: usesXNNPACK ? "TensorFlow Lite with XNNPACK" : "TensorFlow Lite", version: nil, threads: threads,
            dataType: dataType)
    }
    public var modelExtension: String { "tflite" }
    /// Versions that list none are known by what they print.
    public var operatorProblem: String? { nil }

    public func options(model: String, of network: Network, seconds: Double, eachOperator: Bool) -> String {
        var options = [
            "--graph=\(model)", "--num_threads=\(threads)", "--use_xnnpack=\(usesXNNPACK)", "--warmup_runs=2",
            "--warmup_min_secs=0.05", "--num_runs=5", "--min_secs=\(seconds)",
        ]
        // The list of operators is cut off where their number times that of runs is greater than its buffer.
        if eachOperator { options += ["--enable_op_profiling=true", "--max_profiling_buffer_entries=65536"] }
        return options.map(\.quotedForShell).joined(separator: " ")
    }

    /// The mean of the runs that were timed.
    public func latencyMs(in text: String) -> Double? {
        let mark = "Inference (avg): "
        guard let place = text.ranges(of: mark).last else { return nil }
        let number = text[place.upperBound...].prefix { $0.isNumber || ".e+-".contains($0) }
        guard let microseconds = Double(number), microseconds > 0, microseconds.isFinite else { return nil }
        return microseconds / 1000
    }
}
