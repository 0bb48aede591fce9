import Architectures

/// How well the cost model predicts measurements that it was not fitted to.
public enum CostModelAccuracy {
    /// Errors of latencies, |predicted / measured − 1|.
    public struct Figures: Hashable, Sendable {
        public let mean, worst: Double
        /// How many latencies were predicted.
        public let count: Int

        /// For people.
        var sentence: String {
            func percent(_ value: Double) -> String { "\(Int((100 * value).rounded())) %" }
            return "on devices it was not fitted to, the model was off by \(percent(mean)) on average and "
                + "\(percent(worst)) at worst, over \(count) networks"
        }
    }

    /// The errors for networks on devices whose measurements the parameters were not fitted to. Expect these errors on
    /// a device on which nothing was measured.
    ///
    /// It is the line "networks, from other devices alone" of `onepath benchmark cost-model`, over all shipped profiles
    /// with measured networks, which are of XNNPACK. A test computes it anew.
    public static let ofUnmeasuredDevices = Figures(mean: 0.1519, worst: 0.4506, count: 20)

    /// |predicted / measured − 1| for each measured block of the device, predicted from all others; in the order of
    /// the tables and their entries.
    public static func leavingOneBlockOut(of device: DeviceProfile) -> [Double] {
        errors(of: device, groups: blocks(of: device).indices.map { [$0] })
    }

    /// The same with all blocks of a stage left out at once. The stage is the part of a layer's name before the dot.
    public static func leavingOneStageOut(of device: DeviceProfile) -> [Double] {
        let entries = blocks(of: device)
        let stages = entries.map { $0.layer.map { String($0.prefix { $0 != "." }) } }
        var seen: [String?] = []
        for stage in stages where !seen.contains(stage) { seen.append(stage) }
        return errors(of: device, groups: seen.map { stage in stages.indices.filter { stages[$0] == stage } })
    }

    /// For each measured network of `device`, the error with parameters fitted to the device's other networks, starting
    /// from parameters fitted to `others`. All figures of one network are left out together.
    public static func leavingOneNetworkOut(
        of device: DeviceProfile, others: [DeviceProfile], operators: (String) throws -> [Operator]
    ) throws -> [Double] {
        let start = try carried(from: others, to: device, operators: operators)
        let observations = try device.networkObservations(operators: operators)
        let networks = device.fittedNetworks
        return networks.indices.map { index in
            let name = networks[index].architecture
            let rest = zip(networks, observations).filter { $0.0.architecture != name }.map(\.1)
            let fit = Calibration(to: rest, in: device.runtime.dataType, basis: "", from: start)
            return observations[index].error(fit.parameters)
        }
    }

    /// For each measured network of `device`, the error with parameters fitted only to other devices.
    public static func carryingOver(
        to device: DeviceProfile, from others: [DeviceProfile], operators: (String) throws -> [Operator]
    ) throws -> [Double] {
        let parameters = try carried(from: others, to: device, operators: operators)
        return try device.networkObservations(operators: operators).map { $0.error(parameters) }
    }

    private static func carried(
        from others: [DeviceProfile], to device: DeviceProfile, operators: (String) throws -> [Operator]
    ) throws -> CostParameters {
        let observations = try others.flatMap { try $0.networkObservations(operators: operators) }
        return Calibration(
            to: observations, in: device.runtime.dataType, basis: "", from: .usual(device.runtime.name)
        ).parameters
    }

    private static func blocks(of device: DeviceProfile) -> [LatencyTable.Entry] { device.tables.flatMap(\.entries) }

    /// The errors of all blocks; each group is predicted from the blocks outside of it.
    private static func errors(of device: DeviceProfile, groups: [[Int]]) -> [Double] {
        let observations = device.blockObservations
        var errors = [Double](repeating: 0, count: observations.count)
        for group in groups {
            let rest = observations.indices.filter { !group.contains($0) }.map { observations[$0] }
            let fit = Calibration(to: rest, in: device.runtime.dataType, basis: "", from: .usual(device.runtime.name))
            for index in group { errors[index] = observations[index].error(fit.parameters, fit.residual) }
        }
        return errors
    }
}
