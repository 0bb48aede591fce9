/// The inference runtime of a profile, and how it runs.
public struct Runtime: Hashable, Sendable {
    /// The name of a runtime in a profile; `RuntimeKernels` describes its kernels.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// TensorFlow Lite's own float kernels, from before it used XNNPACK: Eigen's products, a depthwise kernel that
        /// accumulates in memory.
        case tflite
        /// XNNPACK, which TensorFlow Lite uses for float models by default.
        case xnnpack
        /// ncnn, which chooses its kernels by layer and core: Winograd for 3×3, packed layouts, float16 arithmetic where
        /// the core has it ("float32" stands for what it chooses when it is given a float network).
        case ncnn

        /// Whether apps that are built today use it for float models.
        public var isOfToday: Bool { self != .tflite }

        /// A description for people.
        public var summary: String {
            switch self {
            case .tflite: "TensorFlow Lite's own kernels, which apps had before"
            case .xnnpack: "the kernels inside TensorFlow Lite, PyTorch Mobile and ONNX Runtime, which apps have today"
            case .ncnn: "the kernels of ncnn, in half precision where the core has it"
            }
        }
    }

    /// The data type that a runtime computes in.
    public enum DataType: String, Hashable, Sendable, CaseIterable {
        case float32
        case int8

        /// The bytes of one value.
        public var bytes: Int { self == .float32 ? 4 : 1 }
    }

    public let name: Name
    public let dataType: DataType
    /// At most the number of the cluster's cores.
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
