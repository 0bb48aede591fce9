/// The inference runtime that a profile's figures belong to, and how it was run.
public struct Runtime: Hashable, Sendable {
    /// What a runtime is called in a profile; its kernels are described in `RuntimeKernels`.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// TensorFlow Lite's own float kernels, before it took to XNNPACK: Eigen's products, a depthwise kernel that
        /// accumulates in memory.
        case tflite
        /// XNNPACK, which TensorFlow Lite runs float models on unless it is told not to.
        case xnnpack

        /// Whether an app that is built today runs float models on it.
        public var isOfToday: Bool { self == .xnnpack }

        /// What it is and where it is found, for people.
        public var summary: String {
            switch self {
            case .tflite: "TensorFlow Lite's own float kernels, which apps had before"
            case .xnnpack: "what an app of today has: the kernels inside TensorFlow Lite, PyTorch Mobile and ONNX Runtime"
            }
        }
    }

    /// The numbers that a runtime computes with.
    public enum DataType: String, Hashable, Sendable, CaseIterable {
        case float32
        case int8

        /// Of one value.
        public var bytes: Int { self == .float32 ? 4 : 1 }
    }

    public let name: Name
    public let dataType: DataType
    /// Not more than the cluster has cores.
    public let threads: Int
    /// The name of the cluster that the threads run on, one of the hardware's.
    public let cluster: String

    public init(name: Name, dataType: DataType, threads: Int, cluster: String) {
        self.name = name
        self.dataType = dataType
        self.threads = threads
        self.cluster = cluster
    }
}
