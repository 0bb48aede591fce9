import ArgumentParser
import HardwareProfiles

/// With how many threads a device computes.
struct DeviceThreads: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How many threads the device uses: a number, or big for all cores of the profile's cluster (default: as in the \
            profile).
            """, valueName: "N"))
    var deviceThreads: String?

    func validate() throws { _ = try given }

    /// nil for as many as the profile says.
    var given: DeviceThreadCount? {
        get throws { try deviceThreads.map { try DeviceThreadCount(argument: $0, of: "device-threads") } }
    }
}

/// A number of a device's threads as it was asked for.
struct DeviceThreadCount {
    private enum Count {
        /// All cores of the cluster.
        case big
        case number(Int)
    }

    private let flag: String
    private let text: String
    private let count: Count

    private static let limit = 1...1024

    /// - Parameter flag: that it was given by.
    /// - Throws: `ValidationError`.
    init(argument text: String, of flag: String) throws {
        self.flag = flag
        self.text = text
        if text == "big" {
            count = .big
        } else if let number = Int(text), Self.limit.contains(number) {
            count = .number(number)
        } else {
            throw ValidationError(
                "--\(flag): expected big or a number from 1 to \(Self.limit.upperBound), found \(text)")
        }
    }

    /// How many these are on a device.
    func number(on device: DeviceProfile) -> Int {
        switch count {
        case .big: device.bigCores
        case .number(let number): number
        }
    }

    /// The device with the threads that were asked for.
    ///
    /// - Throws: `ValidationError` where it has not so many cores.
    func applied(to device: DeviceProfile) throws -> DeviceProfile {
        let (fitted, note) = fitted(to: device)
        if note != nil {
            throw ValidationError(
                "--\(flag): expected big or a number from 1 to \(device.bigCores) for \(device.name), found \(text)")
        }
        return fitted
    }

    /// The device with the threads that were asked for, or as many as it has cores, and a note where that is fewer.
    func fitted(to device: DeviceProfile) -> (device: DeviceProfile, note: String?) {
        let number = number(on: device), cores = device.bigCores
        guard number > cores else { return (device.running(threads: number), nil) }
        return (
            device.running(threads: cores),
            "\(device.name): \(cores.threads) of the \(number) that were asked for, as many as the cores that the profile is for"
        )
    }
}
