/// The inference runtime that a profile's figures belong to, and how it was run.
public struct Runtime: Hashable, Sendable {
    /// The numbers that a runtime computes with.
    public enum DataType: String, Hashable, Sendable, CaseIterable {
        case float32
    }

    public let name: String
    public let dataType: DataType
    /// Not more than the cluster has cores.
    public let threads: Int
    /// The name of the cluster that the threads run on, one of the hardware's.
    public let cluster: String
}
