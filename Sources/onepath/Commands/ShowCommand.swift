import Architectures
import ArgumentParser
import Exporter
import Files
import HardwareProfiles
import Runs

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Lists the devices, search spaces or architectures there are, or tells where a run stands.")

    enum Subject: String, ExpressibleByArgument, CaseIterable { case devices, spaces, architectures, run }

    @Argument(help: "What to list: devices, spaces or architectures; or run.")
    var subject: Subject

    @Argument(help: "The directory of the run, which may be going on.")
    var directory: String?

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        if (subject == .run) != (directory != nil) {
            throw ValidationError(
                subject == .run ? "run: expected the directory of one" : "\(subject.rawValue): expected nothing more")
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
        case .run:
            let summary = try RunSummary(contentsOf: directory ?? "")
            print(json ? summary.json.text(pretty: true) + "\n" : summary.report, terminator: "")
        }
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
        + " measured: what was measured on the device itself; \"-\" is nothing, and then the model stands on a relative's "
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
