import ArgumentParser
import HardwareProfiles

/// With how many threads a device computes.
struct DeviceThreads: ParsableArguments {
    private enum Count {
        /// All cores of the cluster.
        case big
        case number(Int)
    }

    @Option(
        help: ArgumentHelp(
            """
            Threads that the device computes with: a number, or big for all cores of its fastest cluster. (default: as the \
            profile says)
            """, valueName: "N"))
    var deviceThreads: String?

    /// What the option was called before.
    @Option(help: .hidden)
    var threads: String?

    private static let limit = 1...1024

    private var given: (flag: String, text: String)? {
        deviceThreads.map { ("device-threads", $0) } ?? threads.map { ("threads", $0) }
    }

    private var count: Count? {
        guard let text = given?.text else { return nil }
        if text == "big" { return .big }
        return Int(text).flatMap { Self.limit.contains($0) ? .number($0) : nil }
    }

    func validate() throws {
        if deviceThreads != nil, threads != nil {
            throw ValidationError("--threads is the older name of --device-threads: expected one of them, found both")
        }
        if let given, count == nil {
            throw ValidationError(
                "--\(given.flag): expected big or a number from 1 to \(Self.limit.upperBound), found \(given.text)")
        }
    }

    /// The device with the threads that were asked for.
    ///
    /// - Throws: `ValidationError` where it has not so many cores.
    func applied(to device: DeviceProfile) throws -> DeviceProfile {
        let (fitted, note) = fitted(to: device)
        if let given, note != nil {
            throw ValidationError(
                "--\(given.flag): expected big or a number from 1 to \(device.bigCores) for \(device.name), found "
                    + given.text)
        }
        return fitted
    }

    /// The device with the threads that were asked for, or as many as it has cores, and a note where that is fewer.
    func fitted(to device: DeviceProfile) -> (device: DeviceProfile, note: String?) {
        switch count {
        case nil: return (device, nil)
        case .big: return (device.running(threads: device.bigCores), nil)
        case .number(let number) where number <= device.bigCores: return (device.running(threads: number), nil)
        case .number(let number):
            let cores = device.bigCores
            return (
                device.running(threads: cores),
                "\(device.name): \(cores) thread\(cores == 1 ? "" : "s") of the \(number) that were asked for, one on "
                    + "each core of its fastest cluster."
            )
        }
    }
}
