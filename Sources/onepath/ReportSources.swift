import Architectures
import Exporter
import Files
import HardwareProfiles
import Runs
import SupernetSearch

/// What a report is made from, turned into the plain values that it takes.
struct ReportSources {
    private let record: RunRecord?
    private let architecturePath: String
    private let device: DeviceProfile?
    private let devicePath: String?

    /// - Parameters:
    ///   - run: the directory of a finished run; nil for an architecture alone.
    ///   - architecture: its name or path, where there is no run.
    ///   - device: the name or path of a device profile, or nil.
    init(run: String?, architecture: String?, device: String?) throws {
        record = try run.map { try RunRecord(contentsOf: $0) }
        architecturePath = try record?.architecturePath ?? Catalogue.architectures.path(of: architecture ?? "")
        devicePath = try device.map { try Catalogue.devices.path(of: $0) }
        self.device = try devicePath.map { try DeviceProfile(contentsOf: $0) }
    }

    /// - Parameter options: what of provenances is shown.
    func report(_ options: ProvenanceOptions) throws -> Report {
        let document = try ArchitectureDocument(exported: architecturePath)
        let space = try space(of: document)
        let files = (record?.files ?? []) + [architecturePath] + [devicePath, space?.path].compactMap { $0 }
        var report = Report(
            document.architecture, origin: document.provenance.map(options.shown),
            provenance: try options.provenance(files: files))
        report.run = record.map { ReportRun($0, options) }
        let model = device.map { CostModel(device: $0) }
        if let device, let model {
            report.costs = ReportCosts(model, of: document.architecture.network, on: device)
        }
        if let space {
            report.comparison = [("the largest", space.space.largest), ("the smallest", space.space.smallest)].map {
                ReportTotals(
                    name: $0, network: $1.network, latencyMs: model.map { [network = $1.network] in
                        $0.estimate(network).latencyMs
                    })
            }
        }
        return report
    }

    /// The space that the architecture is a point of: the file that the search read, if it is still the same, else, of
    /// an architecture that no search found, the one of that name that comes with the product.
    private func space(of document: ArchitectureDocument) throws -> (path: String, space: SearchSpace)? {
        guard let name = document.architecture.space else { return nil }
        guard let provenance = record?.provenance ?? document.provenance else {
            guard Catalogue.spaces.names.contains(name) else { return nil }
            let path = try Catalogue.spaces.path(of: name)
            return (path, try SearchSpace(contentsOf: path))
        }
        return provenance.searchSpace(named: name)
    }
}

extension ReportCosts {
    init(_ model: CostModel, of network: Network, on device: DeviceProfile) {
        let layers = model.estimate(network).layers
        let names = Set(network.layers.map(\.name))
        let together = layers.filter { !names.contains($0.name) }.map { "\($0.name): \($0.choice), measured as one." }
        self.init(
            device: device.name, layers: layers.map(ReportLayerCost.init),
            note: together.isEmpty ? nil : together.joined(separator: " "))
    }
}

extension ReportLayerCost {
    init(_ cost: LayerCost) {
        let source: Source =
            switch cost.source {
            case .measured: .measured
            case .modelled: .modelled
            }
        let bound: Bound =
            switch cost.bound {
            case .compute: .compute
            case .memory: .memory
            case .overhead: .overhead
            }
        self.init(name: cost.name, choice: cost.choice, latencyMs: cost.latencyMs, source: source, bound: bound)
    }
}

extension ReportRun {
    init(_ record: RunRecord, _ options: ProvenanceOptions) {
        let steps = record.steps
        let indicators = (steps.first?.indicators ?? []).enumerated().map { index, indicator in
            Indicator(
                layer: indicator.layer, part: indicator.part.replacing("_", with: " "),
                kind: indicator.part.hasPrefix("kernel") ? .kernel : .expansion,
                values: steps.map { $0.indicators[index].isOn })
        }
        let threads = record.deviceThreads.map { [("device threads", "\($0)")] } ?? []
        let inputs = ([("space", record.space), ("device", record.device)] + threads
            + [("data", options.shown(path: record.data))]).map(Setting.init)
        self.init(
            settings: inputs + [Setting(name: "training images", value: record.trainingImages.grouped)]
                + record.settings.map { Setting(name: $0.name, value: $0.text) },
            provenance: options.shown(record.provenance),
            phases: record.phases.map { Phase(name: $0.phase.text, start: $0.start) },
            steps: steps.map(\.step), crossEntropy: steps.map(\.crossEntropy), runtimeMs: steps.map(\.runtimeMs),
            learningRate: steps.map(\.learningRate), indicators: indicators,
            accuracy: record.result.map { Accuracy(testImages: $0.count, correct: $0.correct) })
    }
}

extension RunRecord.Setting {
    /// The value as people read it.
    fileprivate var text: String {
        switch value {
        case .string(let text): text
        case .bool(let holds): holds ? "yes" : "no"
        default: value.text(pretty: false)
        }
    }
}
