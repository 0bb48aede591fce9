import ArgumentParser
import Architectures
import Datasets
import Exporter
import HardwareProfiles
import JSONDocuments
import SupernetSearch

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Searches networks for several latencies, or several λ, from one warm-up.",
        discussion: """
            Trains the warm-up of a supernet once, lets a search go on from it for every target, and shows what is found \
            beside random networks of the space and those that are the same everywhere: as a table, and in sweep.csv, \
            sweep.json and sweep.svg in the output directory, where every search has a directory of its own. All are \
            compared with the weights that they inherit from the warm-up.
            """)

    @Option(help: "The search space: a name, or a path.")
    var space: String

    @Option(help: "The device profile: a name, or a path.")
    var device: String

    @Option(
        help: ArgumentHelp("Latencies to find networks for, separated by commas.", valueName: "ms,ms,…"),
        transform: { try NumberList(argument: $0).numbers })
    var targetLatencies: [Double]?

    @Option(
        help: ArgumentHelp("Values of λ to search with, in place of latencies.", valueName: "λ,λ,…"),
        transform: { try NumberList(argument: $0).numbers })
    var lambdas: [Double]?

    @Option(
        help: ArgumentHelp(
            "So many latencies, spread evenly over those of the space, where none are given.", valueName: "N"))
    var points = 5

    @Option(help: ArgumentHelp("Random networks to compare with.", valueName: "N"))
    var random = 20

    @OptionGroup var candidates: CandidateOptions
    @OptionGroup var options: RunOptions

    func validate() throws {
        if options.data == nil { throw ValidationError("expected --data") }
        if targetLatencies != nil, lambdas != nil {
            throw ValidationError("--lambdas: expected latencies or λ, found both")
        }
        for (name, value) in [("points", points), ("random", random)] where !(0...1000).contains(value) {
            throw ValidationError("--\(name): expected a number from 0 to 1000, found \(value)")
        }
        if options.dryRun { throw ValidationError("--dry-run: expected with search or train, not with sweep") }
        try RunOptions.check { () throws(ConfigurationError) in try baseConfiguration.check() }
    }

    private var baseConfiguration: SearchConfiguration {
        var configuration = SearchConfiguration()
        candidates.apply(to: &configuration)
        options.apply(to: &configuration.training)
        return configuration
    }

    /// A search of the sweep.
    private struct Branch {
        let name: String
        let configuration: SearchConfiguration
    }

    private func branches(_ costs: ChoiceCosts) -> [Branch] {
        if let lambdas {
            return lambdas.map { lambda in
                var configuration = baseConfiguration
                configuration.lambda = lambda
                return Branch(name: "lambda-\(lambda)", configuration: configuration)
            }
        }
        let range = costs.range
        // Neither the smallest nor the largest network leaves anything to decide.
        let latencies = targetLatencies ?? (0..<points).map { index in
            let share = Double(index + 1) / Double(points + 1)
            return (1000 * (range.lowerBound + share * (range.upperBound - range.lowerBound))).rounded() / 1000
        }
        return latencies.map { latency in
            var configuration = baseConfiguration
            configuration.targets = [CostTarget(.latency, atMost: latency)]
            return Branch(name: "latency-\(latency)", configuration: configuration)
        }
    }

    func run() throws {
        let spacePath = try Catalogue.spaces.path(of: space)
        let space = try SearchSpace(contentsOf: spacePath)
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: device))
        try device.checkTables(of: space)
        let costModel = CostModel(device: device)
        let images = try ImageDataSource(named: options.data ?? "", classes: space.classes)
        try Search.check(images.test, fits: space)
        let training = try options.training(images, count: nil)
        try options.checkFit(
            TrainingMemory(searching: space, batch: baseConfiguration.batch), batch: baseConfiguration.batch, of: training)
        let provenance = try Provenance(
            command: CommandLine.arguments.joined(separator: " "), seed: baseConfiguration.seed,
            files: [spacePath] + device.inputs + images.files)
        func search(_ configuration: SearchConfiguration) throws -> Search {
            try Search(space: space, costModel: costModel, training: training, configuration: configuration)
        }
        func plan(_ configuration: SearchConfiguration) -> SearchPlan {
            SearchPlan(
                space: space.name, spaceSource: self.space, device: device.name, deviceSource: self.device,
                data: options.data ?? "", trainingImages: training.count, configuration: configuration,
                provenance: provenance)
        }
        let branches = branches(costModel.latencies(of: space))
        // Refuse what cannot be before anything is trained.
        for branch in branches {
            try Search.check(branch.configuration.targets, space: space, costModel: costModel)
        }

        let trunk = try search(baseConfiguration)
        let trunkPath = options.output + "/warm-up"
        try carry(trunk, name: "warm-up", at: trunkPath, until: trunk.warmUpSteps) {
            try RunDirectory(creating: trunkPath, configuration: plan(baseConfiguration).json)
        }
        let warmUp = try trunk.checkpoint()

        var tradeoff = Tradeoff(title: "\(space.name) on \(device.name)", provenance: provenance)
        func add(
            _ architecture: Architecture, _ name: String, _ kind: Tradeoff.Kind, searched: Double? = nil
        ) throws {
            let estimate = costModel.estimate(architecture.network)
            let inherited = try trunk.inheritedAccuracy(of: architecture.choices, on: images.test)
            tradeoff.points.append(
                Tradeoff.Point(
                    name: name, kind: kind, latencyMs: estimate.latencyMs, macs: estimate.macs,
                    parameters: estimate.parameters, inheritedAccuracy: inherited.accuracy, searchedAccuracy: searched))
        }
        for branch in branches {
            let path = options.output + "/" + branch.name
            let result: Evaluation
            if let finished = try RunDirectory.result(ofRunIn: path) {
                result = finished
            } else {
                let search = try search(branch.configuration), plan = plan(branch.configuration)
                let (directory, events) = try carry(search, name: branch.name, at: path, until: search.steps) {
                    try search.branch(from: warmUp)
                    return try RunDirectory(branching: path, from: trunkPath, run: search, configuration: plan.json)
                }
                result = try directory.recordFound(by: search, plan: plan, test: images.test, events: events)
            }
            let found = try Architecture(contentsOf: RunDirectory.architecturePath(in: path))
            try add(found, branch.name, .found, searched: result.accuracy)
        }
        for architecture in space.uniformArchitectures { try add(architecture, architecture.name, .uniform) }
        let drawn = space.randomArchitectures(random, seed: baseConfiguration.seed)
        for (index, architecture) in drawn.enumerated() { try add(architecture, "random \(index + 1)", .random) }
        try write(tradeoff)
    }

    /// Lets a search of the sweep go on to a step, in a directory of its own that is made where there is none.
    @discardableResult
    private func carry(
        _ search: Search, name: String, at path: String, until end: Int, create: () throws -> RunDirectory
    ) throws -> (RunDirectory, EventFile) {
        let isBegun = RunDirectory.isBegun(path)
        guard options.resume || !isBegun else {
            throw FileError.cannotWrite(
                path: options.output, reason: "it holds another sweep; go on with that by --resume")
        }
        let directory = isBegun ? try RunOptions.resumed(path, run: search) : try create()
        let events = try EventFile(resuming: path, after: search.step)
        options.showComparing(of: search, command: "sweep")
        try options.carry(search, in: directory, events: events, command: "sweep", until: end) { step in
            "\(name)  " + step.figures
        }
        return (directory, events)
    }

    private func write(_ tradeoff: Tradeoff) throws {
        let path = options.output + "/sweep"
        try AtomicFile.write(tradeoff.csv, to: path + ".csv")
        try tradeoff.json.write(to: path + ".json")
        try tradeoff.writeSVG(to: path + ".svg")
        if options.json { return print(tradeoff.json.text(pretty: true)) }
        var table = TextTable([
            ("network", .cut), ("latency ms", .right), ("MACs", .right), ("parameters", .right),
            ("inherited %", .right), ("searched %", .right),
        ])
        for point in tradeoff.points {
            table.add([
                point.name, point.latencyMs.fixed(4), point.macs.grouped, point.parameters.grouped,
                (100 * point.inheritedAccuracy).fixed(2), point.searchedAccuracy.map { (100 * $0).fixed(2) } ?? "",
            ])
        }
        print(table.text + "\nThe same is in \(path).csv, .json and .svg.")
    }
}
