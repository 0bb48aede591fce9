import Architectures
import ArgumentParser
import Exporter
import Files
import HardwareProfiles
import Runs

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Lists devices, search spaces or architectures, or shows one of them, or the progress of a run.",
        discussion: """
            For example: onepath show devices, onepath show device pixel6, or onepath show run runs/one. With --json, a \
            device, a space or an architecture is printed as its file holds it.
            """)

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case devices, cores, spaces, architectures, device, core, space, architecture, run

        /// Whether it is a list of all.
        var isList: Bool { [.devices, .cores, .spaces, .architectures].contains(self) }
    }

    @Argument(help: "What to list: devices, cores, spaces, architectures; or what to show: device, core, space, architecture, run.")
    var subject: Subject

    @Argument(
        help: ArgumentHelp("What to show: a name, or a path; of a run, its folder.", valueName: "name"), completion: .shown)
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Of devices and cores: only those with this text in their name, chip, cores, runtime or description.",
            valueName: "text"))
    var filter: String?

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        if subject.isList != (name ?? "").isEmpty {
            let expected = subject == .run ? "its folder" : "a name, or a path"
            throw ValidationError("\(subject.rawValue): expected \(subject.isList ? "nothing more" : expected)")
        }
        if filter != nil, subject != .devices, subject != .cores {
            throw ValidationError("--filter: expected devices or cores, found \(subject.rawValue)")
        }
    }

    /// One thing that is told of everything in the list.
    private struct Field {
        let key: String
        let value: JSON
        /// Whether it stands in the table too, which has no room for all.
        var isInTable = true
        /// Whether it may be cut there.
        var isCut = false

        var title: String { key.replacing("_", with: " ") }
    }

    func run() throws {
        switch subject {
        case .devices:
            let rows = try Catalogue.devices.names.compactMap(device)
            if rows.isEmpty, let filter { throw ValidationError("--filter: no device has \(filter) in its description") }
            show(rows)
            if !json { print("\n" + Self.noteOnDevices.wrapped(columns: TextTable.columns)) }
        case .cores:
            let rows = try Catalogue.cores.names.compactMap(core)
            if rows.isEmpty, let filter { throw ValidationError("--filter: no core has \(filter) in its description") }
            show(rows)
            if !json { print("\n" + Self.noteOnCores.wrapped(columns: TextTable.columns)) }
        case .core:
            try showFile(Catalogue.cores) { try Core(contentsOf: $0).text }
        case .spaces: show(try Catalogue.spaces.names.map(space))
        case .architectures: show(try Catalogue.architectures.names.map(architecture))
        case .device:
            try showFile(Catalogue.devices) { try DeviceProfile(contentsOf: $0).text }
        case .space:
            try showFile(Catalogue.spaces) { try SearchSpace(contentsOf: $0).text }
        case .architecture:
            try showFile(Catalogue.architectures) { try ArchitectureDocument(exported: $0).architecture.text }
        case .run:
            let summary = try RunSummary(contentsOf: name ?? "")
            print(json ? summary.json.text(pretty: true) + "\n" : summary.report, terminator: "")
        }
    }

    /// - Parameter text: what the file at a path holds, for people.
    private func showFile(_ catalogue: Catalogue, _ text: (String) throws -> String) throws {
        let path = try catalogue.path(of: name ?? "")
        // A file that is not right is refused in either form.
        let text = try text(path)
        if !json { return print(text, terminator: "") }
        let document = path.hasSuffix(".py")
            ? try ArchitectureDocument(exported: path).architecture.json(provenance: .null)
            : try JSON(contentsOf: path, what: subject.rawValue)
        print(document.text(pretty: true))
    }

    private func show(_ rows: [[Field]]) {
        if json {
            let documents = rows.map { row in JSON.object(row.map { .init(key: $0.key, value: $0.value) }) }
            print(JSON.array(documents).text(pretty: true))
        } else if let first = rows.first {
            var table = TextTable(first.filter(\.isInTable).map { field in
                if case .string = field.value { (field.title, field.isCut ? .cut : .left) } else { (field.title, .right) }
            })
            for row in rows { table.add(row.filter(\.isInTable).map { $0.value.cell }) }
            print(table.text, terminator: "")
        }
    }

    /// What the columns of the list of devices mean for who has to choose.
    private static let noteOnDevices = HardwareProfiles.Runtime.Name.allCases
        .map { "\($0.rawValue): \($0.summary)." }.joined(separator: " ")
        + " measured: what was measured on the device itself; with \"-\", the model uses what was measured on others. "
        + "off: the median error of the model on the device's measurements, after it had learned from all other devices."

    /// What the columns of the list of cores mean, and their units.
    private static let noteOnCores = "issue: instructions that are decoded in a cycle. order: in or out of the order of the "
        + "program. fma: multiply-adds of single values in a cycle, in float32 and in float16; 0 is a core without such "
        + "arithmetic. mac: the same of eight-bit integers. l1, l2: caches in KiB, the first level's for data. onepath show "
        + "core NAME tells where each number comes from."

    /// Whether the text that was asked for stands in any of these, whatever the case of its letters.
    private func isWanted(_ texts: [String]) -> Bool {
        guard let filter = filter?.lowercased() else { return true }
        return texts.contains { $0.lowercased().contains(filter) }
    }

    /// nil where the core is not asked for.
    private func core(_ name: String) throws -> [Field]? {
        let core = try Core(contentsOf: Catalogue.cores.path(of: name))
        guard isWanted([core.name, core.title, core.designer, core.family, core.instructionSet]) else { return nil }
        return [
            .init(key: "name", value: .string(core.name)),
            .init(key: "designer", value: .string(core.designer), isInTable: false),
            .init(key: "family", value: .string(core.family), isInTable: false),
            .init(key: "instruction_set", value: .string(core.instructionSet), isInTable: false),
            .init(key: "issue", value: .integer(core.issueWidth.value)),
            .init(key: "order", value: .string(core.inOrder.value ? "in" : "out")),
            .init(key: "fma_f32", value: .string(core.fmaPerCycleF32.value.significant(3))),
            .init(key: "fma_f16", value: .string(core.fmaPerCycleF16.value.significant(3))),
            .init(key: "mac_int8", value: .string(core.fmaPerCycleInt8.value.significant(3))),
            .init(key: "l1_kib", value: .integer(core.l1KiB.value)),
            .init(key: "l2_kib", value: .integer(core.l2KiB.value)),
        ]
    }

    /// nil where the device is not asked for.
    private func device(_ name: String) throws -> [Field]? {
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: name))
        let texts = [device.name, device.hardware.chip, device.description, device.runtime.name.rawValue]
        guard isWanted(texts + device.hardware.clusters.map(\.core)) else { return nil }
        let quality = device.transferred?.leftOut
        let blocks = device.tables.reduce(0) { $0 + $1.entries.count }
        let measured = (blocks > 0 ? ["blocks"] : []) + (device.networks.isEmpty ? [] : ["networks"])
        return [
            .init(key: "name", value: .string(device.name)),
            .init(key: "chip", value: .string(device.hardware.chip), isCut: true),
            .init(key: "runtime", value: .string(device.runtime.name.rawValue)),
            .init(key: "in_apps", value: .string(device.runtime.name.isOfToday ? "today" : "before")),
            .init(key: "measured", value: .string(measured.isEmpty ? "-" : measured.joined(separator: ", "))),
            .init(key: "off", value: .string(quality.map { "\((100 * $0.median).fixed(0)) %" } ?? "-")),
            .init(key: "left_out_median_error", value: quality.map { .number($0.median) } ?? .null, isInTable: false),
            .init(key: "left_out_worst_error", value: quality.map { .number($0.worst) } ?? .null, isInTable: false),
            .init(key: "threads", value: .integer(device.runtime.threads), isInTable: false),
            .init(key: "measured_blocks", value: .integer(blocks), isInTable: false),
            .init(key: "measured_networks", value: .integer(device.networks.count), isInTable: false),
        ]
    }

    private func space(_ name: String) throws -> [Field] {
        let space = try SearchSpace(contentsOf: Catalogue.spaces.path(of: name))
        return [
            .init(key: "name", value: .string(space.name)),
            .init(key: "input", value: .string(space.input.description)),
            .init(key: "classes", value: .integer(space.classes)),
            .init(key: "layers", value: .integer(space.searchableLayers.count)),
            .init(key: "smallest_macs", value: .integer(space.smallest.network.macs)),
            .init(key: "largest_macs", value: .integer(space.largest.network.macs)),
        ]
    }

    private func architecture(_ name: String) throws -> [Field] {
        let architecture = try Architecture(contentsOf: Catalogue.architectures.path(of: name))
        let network = architecture.network
        return [
            .init(key: "name", value: .string(architecture.name)),
            .init(key: "space", value: .string(architecture.space ?? "-"), isCut: true),
            .init(key: "input", value: .string(architecture.input.description)),
            .init(key: "macs", value: .integer(network.macs)),
            .init(key: "parameters", value: .integer(network.parameters)),
        ]
    }
}

extension JSON {
    /// A string or a number as a table shows it.
    fileprivate var cell: String {
        switch self {
        case .string(let text): text
        case .integer(let value): value.grouped
        default: self.text(pretty: false)
        }
    }
}
