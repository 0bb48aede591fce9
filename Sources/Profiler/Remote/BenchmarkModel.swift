import HardwareProfiles

/// TensorFlow Lite's program that times a model: its command line, and what it prints
/// (tensorflow/lite/tools/benchmark, which LiteRT continues).
public struct BenchmarkModel: Hashable, Sendable {
    /// The program, on this machine.
    public let path: String
    public let threads: Int
    /// The processors that it is bound to, as "4-7"; nil where the device's scheduler chooses.
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

    /// The name of the program's file.
    var fileName: String { String(path.split(separator: "/").last ?? "benchmark_model") }

    /// The options for one model on a device.
    ///
    /// - Parameters:
    ///   - model: its path on the device.
    ///   - seconds: for how long it runs at least.
    ///   - eachOperator: whether the operators are listed too.
    func options(model: String, seconds: Double, eachOperator: Bool) -> String {
        var options = [
            "--graph=\(model)", "--num_threads=\(threads)", "--use_xnnpack=\(usesXNNPACK)", "--warmup_runs=2",
            "--warmup_min_secs=0.05", "--num_runs=5", "--min_secs=\(seconds)",
        ]
        // The list of operators is cut off where their number times that of runs is greater than its buffer.
        if eachOperator { options += ["--enable_op_profiling=true", "--max_profiling_buffer_entries=65536"] }
        return options.map(\.quotedForShell).joined(separator: " ")
    }

    /// The mean latency of the runs that were timed, in milliseconds; nil where the text has none.
    package static func meanMs(in text: String) -> Double? {
        let mark = "Inference (avg): "
        guard let place = text.ranges(of: mark).last else { return nil }
        let number = text[place.upperBound...].prefix { $0.isNumber || ".e+-".contains($0) }
        guard let microseconds = Double(number), microseconds > 0, microseconds.isFinite else { return nil }
        return microseconds / 1000
    }
}
