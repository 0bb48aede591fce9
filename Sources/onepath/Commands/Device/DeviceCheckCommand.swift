import Architectures
import ArgumentParser
import Exporter
import Files
import HardwareProfiles

/// How far a table is off whole networks.
struct DeviceCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compares a profile's table with the latencies of a few whole networks.",
        usage: "onepath device check [<options>] --device <device>",
        discussion: """
            Without --measured it names the networks to run, --budget of them, and with --output writes them as models with a \
            sheet to fill in. With --measured it tells the bias of the table, how sure that is, and what to do next; nothing is \
            corrected. --apply FILE writes a copy of the profile whose table is corrected by the bias.
            """)

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device: String

    @Option(help: "How many networks to run.")
    var budget = 5

    @Option(
        help: """
            The search space whose networks are run: a name, or a path (default: that of the profile's tables, or \
            single-path-mobile).
            """, completion: .spaces)
    var space: String?

    @Option(help: ArgumentHelp("What the networks took: network, threads, latency_ms.", valueName: "file"), completion: .file())
    var measured: String?

    @Option(
        help: ArgumentHelp("Write the models and the sheet here; what is filled in stays.", valueName: "directory"),
        completion: .directory)
    var output: String?

    @Option(help: ArgumentHelp("Write the corrected profile here.", valueName: "file"), completion: .file())
    var apply: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        try (1...100).check(budget, of: "budget")
        if apply != nil, measured == nil { throw ValidationError("--apply: expected --measured too") }
        if measured != nil, output != nil { throw ValidationError("--output goes without --measured") }
    }

    func run() throws {
        let profile = try Catalogue.device(named: device)
        if apply != nil, profile.tables.isEmpty {
            throw ValidationError(
                "--apply: expected a profile with a table, \(profile.name) has none; onepath device adapt draws its model to what "
                    + "was measured")
        }
        if let measured { try check(profile, measured) } else { try name(profile) }
    }

    // MARK: - What to run

    private func name(_ device: DeviceProfile) throws {
        let space = space ?? device.tables.lazy.compactMap(\.space).first ?? "single-path-mobile"
        let model = CostModel(device: device)
        // A small space has fewer networks than are drawn.
        var seen: Set<[Network.Layer]> = []
        let architectures = try SearchSpace(contentsOf: Catalogue.spaces.path(of: space)).randomArchitectures(200, seed: 0)
            .filter { seen.insert($0.network.layers).inserted }
        let latencies = architectures.map { model.estimate($0.network).latencyMs }
        let planned = try output.map { try PlannedNetworks(folder: $0, command: "onepath device check") }
        var rows: [JSON] = [], names: [String] = []
        var table = TextTable([("run", .cut), ("threads", .right), ("\(device.name) says ms", .right)])
        for index in TableBias.choice(budget, of: latencies) {
            let architecture = architectures[index]
            var name = architecture.name
            if let planned {
                _ = try planned.write(architecture)
                // What the table holds of a layer of its space, only the architecture itself can be looked up by.
                name = try planned.writeDescription(architecture)
            }
            names.append(name)
            rows.append(["network": .string(name), "table_ms": .number(latencies[index])])
            table.add([AbsolutePath.baseName(name), "\(device.runtime.threads)", latencies[index].fixed(3)])
        }
        try planned?.writeSheet(names, threads: device.runtime.threads)
        if json { return print(JSON.array(rows).text(pretty: true)) }
        print(table.text, terminator: "")
        if names.count < budget { print("\(space) has no more different networks.") }
        guard let output, let planned else {
            return print("--output FOLDER writes them as models, with a sheet to fill in.")
        }
        let sentence = "They are in \(output), each as ONNX, TensorFlow Lite and ncnn. Run each with "
            + "\(device.runtime.threads.threads), and write the milliseconds into \(planned.sheet)."
        print(sentence.wrapped(columns: TextTable.columns))
        print(NextCommand.line("device", "check", "--device", self.device, "--measured", planned.sheet))
    }

    // MARK: - What was found

    private func check(_ device: DeviceProfile, _ sheet: String) throws {
        var measurements = try DeviceMeasurements(contentsOf: sheet, on: device)
        try measurements.compare(with: device)
        let check = TableCheck(measurements, of: device)
        guard let bias = check.bias else {
            throw FileError.invalid(
                path: sheet, place: "",
                problem: "expected a whole network with \(device.runtime.threads.threads), as \(device.name) has, found none")
        }
        if let apply {
            guard check.isOfTable else {
                throw FileError.invalid(
                    path: sheet, place: "",
                    problem: "expected networks whose layers the tables of \(device.name) hold, found none: they tell nothing of its "
                        + "tables")
            }
            try correct(device, by: bias, from: sheet, to: apply)
        }
        let parts = measurements.partCount
        let left = parts > 0 ? ["left out: \(parts.counted("row")) of blocks or operators, as only whole networks tell of a table"] : []
        let notes = measurements.notes + left
        if json { return print(check.json(bias, notes: notes).text(pretty: true)) }
        print(check.table, terminator: "")
        var sentences = check.sentences(bias) + notes.map { "\(sheet): \($0)." }
        if let apply {
            sentences.append(
                "\(apply): every latency of the tables of \(device.name) times \(bias.factor.fixed(3)). What its tables do not hold "
                    + "stays as it was.")
        } else if check.isOfTable {
            sentences.append(bias.advice(for: self.device))
        }
        for sentence in sentences { print(sentence.wrapped(columns: TextTable.columns)) }
    }

    /// Writes a copy of a profile whose tables are corrected, under the name of its file.
    private func correct(_ device: DeviceProfile, by bias: TableBias, from sheet: String, to target: String) throws {
        let reason = "; times \(bias.factor.fixed(4)), by \(bias.count) whole networks (\(sheet))"
        var others = ["name": JSON.string(Catalogue.name(ofFile: target)), "hardware": try device.hardwareReference(from: target)]
        others["parameters"] = try device.parametersReference(from: target)
        let document = try JSON(contentsOf: device.path, what: "device profile")
            .corrected(by: bias.factor, because: reason, others: others)
        _ = try DeviceProfile(json: JSONNode(document, path: target))
        try document.write(to: target)
    }
}

extension JSON {
    /// A profile with all latencies of its tables times a factor, and with other values of some fields.
    fileprivate func corrected(by factor: Double, because reason: String, others: [String: JSON]) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.map { member in
            switch (member.key, member.value) {
            case ("tables", .array(let tables)):
                return .init(key: member.key, value: .array(tables.map { $0.scaled(by: factor).explained(reason) }))
            default: return .init(key: member.key, value: others[member.key] ?? member.value)
            }
        })
    }

    /// A table with a reason behind its source.
    private func explained(_ reason: String) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.map { member in
            guard member.key == "source", case .string(let source) = member.value else { return member }
            return .init(key: member.key, value: .string(source + reason))
        })
    }

    private func scaled(by factor: Double) -> JSON {
        switch self {
        case .array(let values): return .array(values.map { $0.scaled(by: factor) })
        case .object(let members):
            return .object(members.map { member in
                let isLatency = ["latency_ms", "latency_low_ms", "latency_high_ms", "deviation_ms"].contains(member.key)
                switch member.value {
                case .number(let value) where isLatency: return .init(key: member.key, value: .number(value * factor))
                case .integer(let value) where isLatency:
                    return .init(key: member.key, value: .number(Double(value) * factor))
                default: return .init(key: member.key, value: member.value.scaled(by: factor))
                }
            })
        default: return self
        }
    }
}
