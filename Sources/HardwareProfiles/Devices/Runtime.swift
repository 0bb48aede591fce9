/// The inference runtime that a profile's figures belong to, and how it was run.
public struct Runtime: Hashable, Sendable {
    /// What a runtime is called in a profile; its kernels are described in `RuntimeKernels`.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// TensorFlow Lite's own float kernels, before it took to XNNPACK: Eigen's products, a depthwise kernel that
        /// accumulates in memory.
        case tflite
        case xnnpack
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
}
