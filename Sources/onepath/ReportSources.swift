import Architectures
import Exporter
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

/// What a report is made from, turned into the plain values that it takes.
struct ReportSources {
    private let run: RecordedRun?
    /// The folder of the run, if it is finished.
    private let runPath: String?
    private let architecturePath: String
    private let document: ArchitectureDocument
    /// How the search went that found the architecture; nil where no search did, or that is not known.
    private let search: Provenance?
    /// The device that the report is for.
    private let device: DeviceProfile?
    /// The one that the search was for, as it was then.
    private let searchedDevice: DeviceProfile?

    /// - Parameters:
    ///   - run: the directory of a run; nil for an architecture alone.
    ///   - architecture: its name or path, where there is no run.
    ///   - device: the name or path of a device profile; nil for the one that the run was for.
    init(run path: String?, architecture: String?, device name: String?) throws {
        run = try path.map { try RecordedRun(contentsOf: $0) }
        runPath = path.flatMap { (try? FinishedRun($0)) == nil ? nil : $0 }
        switch run {
        case nil: architecturePath = try Catalogue.architectures.path(of: architecture ?? "")
        case .search(let record): architecturePath = record.architecturePath
        case .training(let record):
            // Of a training that goes on, the one that it was given.
            architecturePath = record.result == nil
                ? try Catalogue.architectures.path(of: record.plan.architecture.source) : record.architecturePath
        }
        document = try ArchitectureDocument(exported: architecturePath)
        switch run {
        case nil:
            search = document.provenance
            searchedDevice = nil
        case .search(let record):
            search = record.provenance
            searchedDevice = try Self.profile(
                of: RunInput(name: record.device, source: record.deviceSource), searchedBy: record)
        case .training(let record):
            // The device that the trained network was searched for, where it was.
            search = record.plan.provenance.architectureProvenance(at: record.plan.architecture.source)
            searchedDevice = search?.deviceProfile(named: nil)
        }
        device = try name.map { try DeviceProfile(contentsOf: Catalogue.devices.path(of: $0)) } ?? searchedDevice
    }

    /// A device of a search, with the search's threads; nil where its profile is gone or another one now.
    private static func profile(of device: RunInput, searchedBy record: RunRecord) throws -> DeviceProfile? {
        guard let profile = record.provenance.deviceProfile(named: device.name, source: device.source) else { return nil }
        guard let threads = device.threads ?? record.deviceThreads else { return profile }
        return try DeviceThreadCount(argument: String(threads), of: "device-threads").applied(to: profile)
    }

    /// - Parameters:
    ///   - options: what of provenances is shown.
    ///   - hasImages: whether photos of the run are classified and shown.
    func report(_ options: ProvenanceOptions, hasImages: Bool) throws -> Report {
        let space = try space
        var files = [architecturePath]
        switch run {
        case nil: break
        case .search(let record): files = record.files + files
        case .training(let record): files = record.files + files
        }
        files += (device?.inputs ?? []) + [space?.path].compactMap(\.self)
        var report = Report(
            document.architecture, origin: document.provenance.map(options.shown),
            provenance: try options.provenance(files: files))
        let network = document.architecture.network
        let model = device.map { CostModel(device: $0) }
        if let device, let model { report.costs = ReportCosts(model, of: network, on: device) }
        if let space {
            report.comparison = [("the largest", space.space.largest), ("the smallest", space.space.smallest)].map {
                name, architecture in
                ReportTotals(
                    name: name, network: architecture.network,
                    latency: model.map { KnownLatency($0.estimate(architecture.network), of: architecture.network) })
            }
        }
        switch run {
        case nil: break
        case .search(let record):
            report.run = reportRun(record, space: space?.space, options)
            if let latency = record.foundLatencyMs {
                // The profile is gone or another one now: what the search knew is left.
                report.found = (record.device, KnownLatency(milliseconds: latency, layers: nil))
            }
        case .training(let record): report.run = ReportRun(record, options)
        }
        if let runPath, hasImages {
            do {
                report.images = try ReportImages(ofRunIn: runPath)
            } catch let error as FileError {
                // The folder is not as it was any more; all else is known from the run.
                RunOptions.warn("the report has no images: \(error)")
            }
        }
        return report
    }

    /// The space that the architecture is a point of: the file that the search read, if it is still the same, else, of
    /// an architecture that no search found, the one of that name that comes with the product.
    private var space: (path: String, space: SearchSpace)? {
        get throws {
            guard var known = try document.architecture.space.flatMap(space(named:)) else { return nil }
            // Data may have another number than the file.
            known.space.classes = document.architecture.classes
            return known
        }
    }

    private func space(named name: String) throws -> (path: String, space: SearchSpace)? {
        if let search {
            guard case .search(let record) = run else { return search.searchSpace(named: name) }
            return search.searchSpace(named: name, at: try? Catalogue.spaces.path(of: record.spaceSource))
        }
        guard Catalogue.spaces.names.contains(name) else { return nil }
        let path = try Catalogue.spaces.path(of: name)
        return (path, try SearchSpace(contentsOf: path))
    }

    /// - Parameter space: that was searched; nil where it is not known any more.
    private func reportRun(_ record: RunRecord, space: SearchSpace?, _ options: ProvenanceOptions) -> ReportRun {
        let steps = record.steps, places = steps.map(\.step)
        let estimate = searchedDevice.map { CostModel(device: $0).estimate(document.architecture.network) }
        let targets = record.targets
        // One that has fewer threads than the first is not known as the search knew it.
        let others = record.otherDevices.map { device in
            let profile = try? Self.profile(of: device, searchedBy: record)
            return (name: device.name, estimate: profile.map { CostModel(device: $0).estimate(document.architecture.network) })
        }
        var run = ReportRun(.search, provenance: options.shown(record.provenance))
        let threads = record.deviceThreads.map { [("device threads", "\($0)")] } ?? []
        let names = others.map { $0.name }.joined(separator: ", ")
        let more = (others.isEmpty ? [] : [("other devices", names)]) + threads
        let inputs = [("space", record.space), ("device", record.device)] + more
            + [("data", options.shown(path: record.images.data))]
        run.settings = inputs.map(ReportRun.Setting.init)
            + record.images.settings
            + record.settings.map { .init(name: $0.name, value: $0.value.settingText) }
        run.phases = record.phases.map { .init(name: $0.phase.reportName, start: $0.start) }
        run.accuracy = record.result.map { TestAccuracy(testImages: $0.count, correct: $0.correct) }
        run.resolution = record.trainResolution?.sentence
        func reported(_ target: CostTarget, on device: String?, _ value: Double?) -> ReportTarget {
            let unit = target.quantity.unit
            return ReportTarget(
                name: target.quantity.rawValue + (device.map { " on \($0)" } ?? ""), unit: unit.name,
                limit: target.limit / unit.size, value: value.map { $0 / unit.size })
        }
        let foundLatencyMs = record.foundLatencyMs
        run.targets = targets.map { target in
            let value = estimate?.value(of: target.quantity)
                ?? (target.quantity == .latency ? foundLatencyMs : nil)
            // Multiply-accumulates are the same everywhere.
            return reported(target, on: others.isEmpty || target.quantity == .macs ? nil : record.device, value)
        }
        for other in others {
            for target in targets where target.quantity != .macs {
                run.targets.append(reported(target, on: other.name, other.estimate?.value(of: target.quantity)))
            }
        }
        var latency = ReportCurve(.latency, places: places, values: steps.map(\.runtimeMs))
        latency.target = targets.first { $0.quantity == .latency }?.limit
        // Without a fine-tune phase the last step is one before candidates were compared.
        let found = foundLatencyMs.flatMap { $0 == steps.last?.runtimeMs ? nil : $0 }
        latency.note = (found.map { "What was found afterwards takes \($0.significant(3)) ms. " } ?? "")
            + "One image on \(record.device). "
            + (estimate.map { KnownLatency($0, of: document.architecture.network).words }
                ?? "Whether it was measured is not on record: the profile is not the one of then any more") + "."
        run.curves = [
            ReportCurve(.crossEntropy, places: places, values: steps.map(\.crossEntropy)), latency,
            ReportCurve(.learningRate, places: places, values: steps.map(\.learningRate)),
        ]
        run.selection = .init(steps: places, indicators: indicators(record, space: space))
        if let decision = try? RunDirectory.decision(ofRunIn: record.path), decision.steps > 0 {
            run.selection?.undecided = decision.undecided.count
        }
        return run
    }

    /// When each part of the searched layers counted.
    private func indicators(_ record: RunRecord, space: SearchSpace?) -> [ReportRun.Indicator] {
        let steps = record.steps
        let all = steps.first?.indicators ?? []
        return all.indices.map { index in
            let name = all[index].layer, part = all[index].part
            let axis = PartNames.axis(of: part)
            // Where the space is not known any more, what was found says of a layer whether it may be skipped.
            let maySkip = space?.searchableLayers.first { $0.name == name }?.maySkip
                ?? (document.architecture.layers.first { $0.name == name }?.isSkipped ?? false)
            let own = all.indices.filter { all[$0].layer == name }
            let presence = maySkip ? PartNames.presence(among: own.map { all[$0].part }).map { own[$0] } : nil
            // All that this one is nested in; of blocks, the smallest is there whenever the layer is, and stands last.
            let outer = index == presence ? []
                : own.filter { $0 <= index && $0 != presence && PartNames.axis(of: all[$0].part) == axis }
            let needed = outer + [presence].compactMap(\.self)
            return ReportRun.Indicator(
                layer: name, part: axis == "block" ? String(part.dropFirst(axis.count + 1)).replacing("_", with: " ")
                    : part.replacing("_", with: " "),
                kind: axis == "kernel" ? .kernel(part.split(separator: "_").last.flatMap { Int($0) } ?? 0)
                    : axis == "block" ? .block : .expansion,
                values: steps.map { step in needed.allSatisfy { step.indicators[$0].isOn } })
        }
    }
}

extension Architecture.Layer {
    fileprivate var isSkipped: Bool { if case .skip = content { true } else { false } }
}

extension RunRecord {
    fileprivate var targets: [CostTarget] {
        CostQuantity.allCases.compactMap { quantity in
            let name = SearchConfiguration.setting(of: quantity)
            switch settings.first(where: { $0.name == name })?.value {
            case .number(let limit)? where limit > 0: return CostTarget(quantity, atMost: limit)
            case .integer(let limit)? where limit > 0: return CostTarget(quantity, atMost: Double(limit))
            default: return nil
            }
        }
    }
}

extension SearchPhase {
    /// As people call it.
    fileprivate var reportName: String {
        switch rawValue {
        case "deciding": "search"
        case "settling": "fine-tune"
        default: rawValue.replacing("_", with: "-")
        }
    }
}

extension ReportRun {
    init(_ record: TrainingRecord, _ options: ProvenanceOptions) {
        self.init(.training, provenance: options.shown(record.plan.provenance))
        let plan = record.plan
        let inputs = [
            ("architecture", plan.architecture.name), ("inherited weights", plan.inherit.map(options.shown(path:)) ?? "none"),
            ("data", options.shown(path: plan.images.data)),
        ]
        settings = inputs.map(Setting.init) + plan.images.settings
        if case .object(let members) = plan.configuration.json {
            settings += members.map { Setting(name: $0.key, value: $0.value.settingText) }
        }
        accuracy = record.result.map { TestAccuracy(testImages: $0.count, correct: $0.correct) }
        resolution = plan.configuration.trainResolution?.sentence
        let places = record.steps.map(\.step), tested = record.steps.filter { $0.testAccuracy != nil }
        curves = [
            ReportCurve(.crossEntropy, places: places, values: record.steps.map(\.crossEntropy)),
            ReportCurve(.learningRate, places: places, values: record.steps.map(\.learningRate)),
            ReportCurve(.testAccuracy, places: tested.map(\.epoch), values: tested.map { 100 * ($0.testAccuracy ?? 0) }),
        ]
    }
}

extension RunImages {
    /// Their numbers as people read them.
    fileprivate var settings: [ReportRun.Setting] {
        counts.map { .init(name: $0.name.inWords, value: $0.count.grouped) }
    }
}

extension TrainResolution {
    /// What a report says of it.
    fileprivate var sentence: String { "trained at \(self) pixels" + (isSchedule ? ", evaluated at \(last)" : "") }
}

extension JSON {
    /// A setting as people read it.
    fileprivate var settingText: String {
        switch self {
        case .string(let text): text
        case .bool(let holds): holds ? "yes" : "no"
        default: text(pretty: false)
        }
    }
}
