/// What is known of a target: its hardware, the runtime, and what was measured with both.
///
///     let device = try DeviceProfile(contentsOf: "devices/pixel1.json")
///     let model = try CostModel(device: device)
public struct DeviceProfile: Hashable, Sendable {
    /// The file that the profile was read from, for errors.
    public let path: String
    public let name: String
    public let description: String
    public let hardware: Hardware
    public let runtime: Runtime
    public let tables: [LatencyTable]

    /// The cores that the runtime's threads run on.
    let cluster: Hardware.Cluster
}
