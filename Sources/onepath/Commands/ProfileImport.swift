import Architectures
import ArgumentParser
import Files
import HardwareProfiles
import Profiler

/// A table that others measured, made into a device profile.
struct ProfileImport {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case ofa
        case tfliteBenchmark = "tflite-benchmark"
        case csv
        case nni
        case nnMeter = "nn-meter"
        case ncnn
        case litert
        case aiHub = "ai-hub"
    }

    let file: String
    let format: Format
    /// The profile with the hardware and the runtime.
    let like: String
    /// The network of a report, or of a result that names none.
    let architecture: String?
    /// The device in the file whose networks count.
    let measuredOn: String?
    /// Whether a row that cannot be imported is an error.
    let isStrict: Bool
    let provenanceOptions: ProvenanceOptions

    /// Writes the profile to `output`, but where nothing is left to import.
    ///
    /// - Throws: `FileError`.
    func write(to output: String) throws -> ImportReport {
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: like))
        switch format {
        case .ofa: return try write(OFATable(contentsOf: file).table, like: device, to: output)
        case .csv: return try write(MeasurementSheet(contentsOf: file).table, like: device, to: output)
        case .nni:
            return try write(
                NNITable(contentsOf: file, dataType: device.runtime.dataType).table, like: device, to: output)
        case .nnMeter: return try write(NNMeterTable(contentsOf: file).table, like: device, to: output)
        case .tfliteBenchmark:
            let report = try TFLiteBenchmarkReport(contentsOf: file)
            let table = try report.table(of: Catalogue.architecture(named: architecture ?? "").network)
            try report.check(against: device.runtime, of: device.name)
            return try write(table, like: device, to: output)
        case .ncnn:
            guard device.runtime.name == .ncnn else {
                throw ValidationError("--format ncnn: expected --like to name a profile for ncnn, found \(like)")
            }
            let known = Catalogue.networks.names
            let selection = try BenchncnnReport(contentsOf: file).selected(
                in: device.runtime.dataType, known: known, cores: device.bigCores)
            return try write(selection.networks, dropped: selection.unmatched, like: device, to: output)
        case .litert: return try write(LiteRTResults(contentsOf: file).networks, like: device, to: output)
        case .aiHub: return try write(AIHubResults(contentsOf: file).networks, like: device, to: output)
        }
    }

    /// - Parameters:
    ///   - latencies: how many the profile has, 0 where none was written.
    ///   - table: the rows of the file, without the measurements of whole networks.
    ///   - rows: of the file.
    ///   - summary: how well the cost model fits.
    private func report(
        _ latencies: Int, of table: ImportedTable, rows: Int, like device: DeviceProfile, in output: String, _ summary: String
    ) -> ImportReport {
        ImportReport(
            file: file, format: format.rawValue, output: output, hardware: device.name, latencies: latencies, rows: rows,
            dropped: table.unmatched, notes: table.notes + (table.repeats.map { [$0] } ?? []), summary: summary)
    }

    private var description: String { "Imported from \(provenanceOptions.shown(path: file)), with the hardware of " }

    /// Blocks and operators.
    private func write(_ table: ImportedTable, like device: DeviceProfile, to output: String) throws -> ImportReport {
        if table.measurements.isEmpty {
            return report(0, of: table, rows: table.rows, like: device, in: output, "")
        }
        if isStrict { try ImportReport.requireAll(table.unmatched, of: file) }
        // The cost model is fitted to blocks and operators; of a sum of several operators it learns nothing.
        if table.measurements.allSatisfy({ if case .sequence = $0.subject { true } else { false } }) {
            throw FileError.invalid(
                path: file, place: "",
                problem: "expected a block or an operator besides \(table.measurements[0].subject.key), found none"
                    + (table.unmatched.first.map { "; \($0)" } ?? ""))
        }
        let document = try ProfileDocument(
            table.measurements,
            ProfileDocument.Description(
                name: Catalogue.name(ofFile: output), text: description + "\(device.name).",
                source: "\(provenanceOptions.shown(path: file)), read as \(format.rawValue)",
                hardware: try device.hardwareReference(from: output), runtime: device.runtime),
            provenance: provenanceOptions.provenance(files: [file] + device.inputs), path: output)
        try document.json.write(to: output)
        return report(
            table.subjects, of: table, rows: table.rows, like: device, in: output, document.calibration.summary)
    }

    /// Whole networks of which the file says more or less.
    private func write(_ networks: ImportedNetworks, like device: DeviceProfile, to output: String) throws -> ImportReport {
        let path = architecture.map { $0.contains("/") ? AbsolutePath.of($0) : $0 }
        if let path { _ = try KnownDevices.network(named: path) }
        let selection = try networks.selected(
            .init(
                runtime: device.runtime, device: measuredOn, architecture: path,
                known: Catalogue.architectures.names + Catalogue.networks.names, cores: device.bigCores))
        return try write(selection.networks, dropped: selection.unmatched, like: device, to: output)
    }

    /// Whole networks, with what all known devices teach.
    private func write(
        _ networks: [MeasuredNetwork], dropped: [ImportedTable.Unmatched], like device: DeviceProfile, to output: String
    ) throws -> ImportReport {
        var table = ImportedTable()
        table.unmatched = dropped
        if networks.isEmpty { return report(0, of: table, rows: dropped.count, like: device, in: output, "") }
        if isStrict { try ImportReport.requireAll(dropped, of: file) }
        let document = DeviceDocument(
            name: Catalogue.name(ofFile: output), description: description + "\(device.name).",
            hardware: try device.hardwareReference(from: output), runtime: device.runtime, networks: networks)
        let adapted = try document.profile(at: output)
        // What was measured on the same hardware before is of another time.
        let same = try KnownDevices.measured(for: device.runtime.name).filter { $0.hardware.name == device.hardware.name }.map(\.name)
        var teaching = try KnownDevices.teaching(of: adapted.runtime, without: Set(same), adding: [adapted])
        let parameters = try teaching.parameters(
            of: adapted, threads: KnownDevices.threads(of: adapted), operators: KnownDevices.operators(named:))
        try document.json(parameters: parameters.json).write(to: output)
        return report(
            networks.count, of: table, rows: networks.count + dropped.count, like: device, in: output, parameters.summary)
    }
}
