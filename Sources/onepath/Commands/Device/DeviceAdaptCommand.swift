import Architectures
import ArgumentParser
import Files
import HardwareProfiles
import Profiler

/// A profile made better by a few measurements.
struct DeviceAdaptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapt", abstract: "Combines a few measurements of a device with what all known devices teach.",
        usage: "onepath device adapt [<options>] --device <device> --measured <file>",
        discussion: """
            The measurements are a CSV table with the columns network (a name or the path of an architecture or model), \
            threads (1 where there is no such column), and latency_ms; or the sheet of onepath profile --plan, for blocks and \
            operators; or both in one table.
            """)

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device: String

    @Option(help: ArgumentHelp("The sheet with the measurements.", valueName: "file"), completion: .file())
    var measured: String

    @OptionGroup var same: SameDeviceOption

    @Option(
        help: "Where to write the profile; without this in place, where the device is given by its path.", completion: .file())
    var output: String?

    func validate() throws {
        try Catalogue.checkIsReplaceable(device, output: output)
    }

    func run() throws {
        let path = try Catalogue.devices.path(of: device)
        let given = try DeviceProfile(toCalibrate: path), before = try DeviceProfile(contentsOf: path)
        var measurements = try DeviceMeasurements(contentsOf: measured, on: given)
        try measurements.compare(with: before)
        let other = try same.profile(of: given.hardware)
        let target = output ?? path
        var document = DeviceDocument(
            name: given.name, description: given.description, hardware: try given.hardwareReference(from: target),
            runtime: given.runtime, networks: given.networks + measurements.networks(newTo: given))
        let old = try JSON(contentsOf: path, what: "device profile")
        document.origin = ["machine", "provenance"].compactMap { key in old[key].map { JSON.Member(key: key, value: $0) } }
        if case .array(let tables)? = old["tables"] {
            let new = measurements.partCount > 0 ? [measurements.table] : []
            // A sheet that is given again, perhaps with more rows, takes the place of what it gave before.
            document.tables = .array(tables.filter { old in !new.contains { $0.hasAllLatencies(of: old) } } + new)
        }
        let adapted = try document.profile(at: target)
        // The measurements of a shipped device of the same name are those of the profile itself.
        var teaching = try KnownDevices.teaching(
            of: adapted.runtime, without: [given.name], adding: [adapted, other].compactMap(\.self))
        let parameters = try teaching.parameters(
            of: adapted, threads: KnownDevices.threads(of: adapted), operators: KnownDevices.operators(named:))
        try document.json(parameters: parameters.json).write(to: target)
        let count = measurements.wholes.count + measurements.partCount
        var sentences = ["\(given.name): adapted to \(count.counted("measurement")); \(parameters.summary)."]
        if case .calibrated(let calibration) = before.parameters {
            sentences.append(
                "What was fitted to \(calibration.basis) is replaced by what all devices teach; onepath calibrate fits it again.")
        }
        for sentence in sentences + measurements.notes.map({ "\(measured): \($0)." }) {
            print(sentence.wrapped(columns: TextTable.columns))
        }
        print("The profile is in \(target).")
        if !measurements.wholes.isEmpty { print(try Self.comparison(measurements, before, target), terminator: "") }
    }

    /// What each network took, and what the profile says of it before and after; of other cores than its own it says nothing.
    private static func comparison(
        _ measurements: DeviceMeasurements, _ before: DeviceProfile, _ target: String
    ) throws -> String {
        let after = try DeviceProfile(contentsOf: target)
        var table = TextTable([
            ("network", .name(atLeast: 16)), ("threads", .right), ("before ms", .right), ("measured ms", .right), ("now ms", .right),
        ])
        for whole in measurements.wholes {
            func ms(_ device: DeviceProfile) -> String {
                guard device.isOnUsualCores(whole.measured) else { return "other cores" }
                return CostModel(device: device.running(threads: whole.measured.threads)).estimate(whole.network).latencyMs.fixed(2)
            }
            table.add([
                AbsolutePath.baseName(whole.measured.architecture), "\(whole.measured.threads)", ms(before),
                whole.measured.latencyMs.fixed(2), ms(after),
            ])
        }
        return table.text
    }
}

extension JSON {
    /// Whether a latency table has every entry of another, and as many times at least.
    fileprivate func hasAllLatencies(of other: JSON) -> Bool {
        ["entries", "operators", "groups"].allSatisfy { key in
            guard case .array(var own)? = self[key] else { return other[key] == nil || other[key] == [] }
            guard case .array(let theirs)? = other[key] else { return true }
            return theirs.allSatisfy { entry in
                guard let index = own.firstIndex(of: entry) else { return false }
                own.remove(at: index)
                return true
            }
        }
    }
}
