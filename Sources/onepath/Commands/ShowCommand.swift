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
            onepath show devices, onepath show device pixel6, onepath show run runs/one; with --json, a device, a space \
            or an architecture as its file holds it.
            """)

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case devices, spaces, architectures, device, space, architecture, run

        /// Whether it is a list of all.
        var isList: Bool { self == .devices || self == .spaces || self == .architectures }
    }

    @Argument(help: "What to list: devices, spaces, architectures; or what to show: device, space, architecture, run.")
    var subject: Subject

    @Argument(
        help: ArgumentHelp("What to show: a name, or a path; of a run, its folder.", valueName: "name"), completion: .shown)
    var name: String?

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        if subject.isList != (name == nil) {
            let expected = subject == .run ? "its folder" : "a name, or a path"
            throw ValidationError("\(subject.rawValue): expected \(subject.isList ? "nothing more" : expected)")
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
            show(try Catalogue.devices.names.map(device))
            if !json { print("\n" + Self.noteOnDevices.wrapped(columns: TextTable.columns)) }
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
    private static let noteOnDevices = HardwareProfiles.Runtime.Name.allCases.map { "\($0.rawValue): \($0.summary)." }.joined(separator: " ")
        + " measured: what was measured on the device itself; \"-\" is nothing, and then the model uses a relative's "
        + "measurements."

    private func device(_ name: String) throws -> [Field] {
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: name))
        let blocks = device.tables.reduce(0) { $0 + $1.entries.count }
        let measured = (blocks > 0 ? ["blocks"] : []) + (device.networks.isEmpty ? [] : ["networks"])
        return [
            .init(key: "name", value: .string(device.name)),
            .init(key: "chip", value: .string(device.hardware.chip), isCut: true),
            .init(key: "runtime", value: .string(device.runtime.name.rawValue)),
            .init(key: "in_apps", value: .string(device.runtime.name.isOfToday ? "today" : "before")),
            .init(key: "measured", value: .string(measured.isEmpty ? "-" : measured.joined(separator: ", "))),
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
            .init(key: "space", value: .string(architecture.space ?? "-")),
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
