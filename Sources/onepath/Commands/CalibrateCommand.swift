import Architectures
import ArgumentParser
import Files
import Glibc
import HardwareProfiles

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Fits the cost model of a device profile to what the profile has measured.",
        discussion: """
            Uses the profile's tables and whole networks, writes the fitted parameters into the profile (or into a \
            copy) and tells how well they fit.
            """)

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device: String

    @Option(
        help: "Where to write the calibrated profile, in the same folder; without this in place, where the device is given by its path.",
        completion: .file())
    var output: String?

    func run() throws {
        let path = try Catalogue.devices.path(of: device)
        try Catalogue.checkIsReplaceable(device, output: output)
        if let output, output.folder != path.folder {
            throw ValidationError(
                "--output: expected a path in the folder of \(path), from where it refers to files, found \(output)")
        }
        let device = try DeviceProfile(toCalibrate: path)
        let calibration = try device.calibrated(operators: KnownDevices.operators(named:))
        let document = try JSON(contentsOf: path, what: "device profile")
            .replacing("parameters", by: calibration.json)
        // Latencies that no device can have may fit no parameters that a profile can hold.
        _ = try DeviceProfile(json: JSONNode(document, path: output ?? path))
        try document.write(to: output ?? path)
        print("\(device.name): \(calibration.summary)".wrapped(columns: TextTable.columns))
        let left = device.networks.count - device.fittedNetworks.count
        if left > 0 {
            print("Left out: \(left.counted("network")), measured on other cores or marked odd.".wrapped(columns: TextTable.columns))
        }
    }
}

extension String {
    /// Of a path: the folder that its last name stands in, however the path is written; nil where there is none.
    fileprivate var folder: String? {
        let named = lastIndex(of: "/").map { String(self[...$0]) } ?? "."
        guard let resolved = realpath(named, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension JSON {
    /// An object with another value in one of its members.
    fileprivate func replacing(_ key: String, by value: JSON) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.map { $0.key == key ? Member(key: key, value: value) : $0 })
    }
}

extension Calibration {
    /// On what, and how well it fits.
    var summary: String {
        "cost model calibrated on \(basis), mean error \((100 * meanError).fixed(1)) %, "
            + "worst \((100 * worstError).fixed(1)) %"
    }
}
