import ArgumentParser
import HardwareProfiles

/// Another profile of the same device.
struct SameDeviceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A profile of the same device with another runtime or data type; its measurements count too.",
            valueName: "profile"),
        completion: .devices)
    var sameDevice: String?

    /// - Parameter hardware: that it has to be of; nil for any.
    /// - Returns: nil where none is given.
    /// - Throws: `FileError`; `ValidationError` for a profile of another device.
    func profile(of hardware: Hardware? = nil) throws -> DeviceProfile? {
        guard let sameDevice else { return nil }
        let profile = try DeviceProfile(contentsOf: Catalogue.devices.path(of: sameDevice))
        if let hardware, profile.hardware != hardware {
            throw ValidationError(
                "--same-device: expected a profile of the hardware \(hardware.name), found one of \(profile.hardware.name)")
        }
        return profile
    }
}
