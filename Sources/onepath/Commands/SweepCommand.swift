import Architectures
import ArgumentParser
import Datasets
import Exporter
import Files
import HardwareProfiles
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
    var space: String?

    @Option(help: "The device profile: a name, or a path.")
    var device: String?

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
            "So many latencies, spread evenly over those of the space, where none are given (default: \(defaultPoints)).",
            valueName: "N"))
    var points: Int?

    @Option(help: ArgumentHelp("Random networks to compare with (default: \(defaultRandom)).", valueName: "N"))
    var random: Int?

    @OptionGroup var candidates: CandidateOptions
    @OptionGroup var options: RunOptions

    private static let defaultPoints = 5
    private static let defaultRandom = 20
    private static let trunkName = "warm-up"

    func validate() throws {
        try options.checkGiven([("space", space), ("device", device), ("data", options.data)])
        let ways = [
            ("target-latencies", targetLatencies != nil), ("lambdas", lambdas != nil), ("points", points != nil),
        ].filter(\.1).map { "--\($0.0)" }
        if ways.count > 1 { throw ValidationError("expected one of \(ways.joined(separator: " and ")), found both") }
        if let points, !(1...1000).contains(points) {
            throw ValidationError("--points: expected a number from 1 to 1000, found \(points)")
        }
        if let random, !(0...1000).contains(random) {
            throw ValidationError("--random: expected a number from 0 to 1000, found \(random)")
        }
        try RunOptions.check { () throws(ConfigurationError) in
            let base = applied(to: SearchConfiguration())
            try base.check()
            for lambda in lambdas ?? [] {
                var configuration = base
                configuration.lambda = lambda
                try configuration.check()
            }
        }
    }

    /// The settings that the searches share, with those replaced that were given.
    private func applied(to configuration: SearchConfiguration) -> SearchConfiguration {
        var configuration = configuration
        candidates.apply(to: &configuration)
        options.apply(to: &configuration.training)
        return configuration
    }

    /// What the searches of a new sweep differ in.
    private func varied(_ costs: ChoiceCosts) -> SweepPlan.Varied {
        if let lambdas { return .lambdas(lambdas) }
        if let targetLatencies { return .latencies(targetLatencies) }
        let range = costs.range, points = points ?? Self.defaultPoints
        // Neither the smallest nor the largest network leaves anything to decide.
        return .latencies((0..<points).map { index in
            let share = Double(index + 1) / Double(points + 1)
            return (1000 * (range.lowerBound + share * (range.upperBound - range.lowerBound))).rounded() / 1000
        })
    }

    func run() throws {
        let old = options.resume ? try SweepPlan(run: options.output) : nil
        if let old { try checkSame(as: old) }
        let spaceSource = old?.warmUp.spaceSource ?? space ?? "", deviceSource = old?.warmUp.deviceSource ?? device ?? ""
        let data = old?.warmUp.data ?? options.data ?? ""
        let spacePath = try Catalogue.spaces.path(of: spaceSource)
        let space = try SearchSpace(contentsOf: spacePath)
        let device = try DeviceProfile(contentsOf: Catalogue.devices.path(of: deviceSource))
        try device.checkTables(of: space)
        let costModel = CostModel(device: device)
        let images = try ImageDataSource(named: data, classes: space.classes)
        try Search.check(images.test, fits: space)
        let training = try options.training(images, count: old?.warmUp.trainingImages)
        let base = old?.warmUp.configuration ?? applied(to: SearchConfiguration())
        if let old { try old.warmUp.provenance.checkInputs(of: "sweep in \(options.output)") }
        let memory = TrainingMemory(
            searching: space, batch: base.batch, candidates: base.candidates, trainingImages: training.count)
        try options.checkFit(memory.besideItsWarmUp, batch: base.batch, of: training)
        let provenance =
            try old?.warmUp.provenance
            ?? Provenance(
                command: CommandLine.arguments.joined(separator: " "), seed: base.seed,
                files: [spacePath] + device.inputs + images.files)
        func plan(_ configuration: SearchConfiguration) -> SearchPlan {
            SearchPlan(
                space: space.name, spaceSource: spaceSource, device: device.name, deviceSource: deviceSource, data: data,
                trainingImages: training.count, configuration: configuration,
                checkpointInterval: options.checkpointInterval(old?.warmUp.checkpointInterval), provenance: provenance)
        }
        func search(_ configuration: SearchConfiguration) throws -> Search {
            try Search(space: space, costModel: costModel, training: training, configuration: configuration)
        }
        let sweep = SweepPlan(
            warmUp: plan(base), varied: old?.varied ?? varied(costModel.latencies(of: space)),
            randomNetworks: old?.randomNetworks ?? random ?? Self.defaultRandom)
        // Refuse what cannot be before anything is trained.
        for branch in sweep.searches {
            do {
                try Search.check(branch.configuration.targets, space: space, costModel: costModel)
            } catch {
                throw ValidationError("\(error)".replacing("--target-latency:", with: "--target-latencies:"))
            }
        }
        if options.dryRun {
            try RunDirectory.checkCreatable(options.output)
            let peak = RunOptions.peak(with: memory.besideItsWarmUp)
            return try dryRun(sweep, make: search, space: space, images: images, memory: peak)
        }

        let trunk = try search(base)
        let sweepDirectory = options.resume
            ? try SweepDirectory(resuming: options.output) : try SweepDirectory(creating: options.output, plan: sweep)
        let trunkPath = sweepDirectory.path(of: Self.trunkName)
        try carry(trunk, plan: plan(base), name: Self.trunkName, at: trunkPath, until: trunk.warmUpSteps) {
            try RunDirectory(creating: trunkPath, configuration: plan(base).json)
        }
        let warmUp = try trunk.checkpoint()

        var tradeoff = Tradeoff(title: "\(space.name) on \(device.name)", provenance: provenance)
        func add(
            _ architecture: Architecture, _ name: String, _ kind: Tradeoff.Kind, label: String? = nil,
            searched: Double? = nil
        ) throws {
            try options.checkInterruption(command: "sweep")
            let network = architecture.network, estimate = costModel.estimate(network)
            let inherited = try trunk.inheritedAccuracy(of: architecture.choices, on: images.test)
            var point = Tradeoff.Point(
                name: name, kind: kind, latency: KnownLatency(estimate, of: network), macs: estimate.macs,
                parameters: estimate.parameters,
                inherited: TestAccuracy(testImages: inherited.count, correct: inherited.correct))
            point.label = label
            point.searchedAccuracy = searched
            tradeoff.points.append(point)
        }
        for branch in sweep.searches {
            let path = sweepDirectory.path(of: branch.name)
            let result: Evaluation
            if let finished = try RunDirectory.result(ofRunIn: path) {
                result = finished
            } else {
                let search = try search(branch.configuration), plan = plan(branch.configuration)
                let (directory, events) = try carry(
                    search, plan: plan, name: branch.name, at: path, until: search.steps
                ) {
                    try search.branch(from: warmUp)
                    return try RunDirectory(branching: path, from: trunkPath, run: search, configuration: plan.json)
                }
                result = try directory.recordFound(by: search, plan: plan, test: images.test, events: events)
            }
            let found = try Architecture(contentsOf: RunDirectory.architecturePath(in: path))
            try add(
                found, branch.name, .found, label: branch.configuration.sweepLabel(of: sweep), searched: result.accuracy)
        }
        let largest = space.largest
        try add(largest, "largest", .largest, label: "largest")
        for architecture in space.uniformArchitectures where architecture.choices != largest.choices {
            try add(architecture, architecture.name, .uniform)
        }
        let drawn = space.randomArchitectures(sweep.randomNetworks, seed: base.seed)
        for (index, architecture) in drawn.enumerated() { try add(architecture, "random \(index + 1)", .random) }
        try write(tradeoff)
    }

    /// Checks that nothing was given that the sweep to go on with has otherwise.
    private func checkSame(as plan: SweepPlan) throws {
        let base = plan.warmUp
        try options.checkSame("space", space, as: base.spaceSource)
        try options.checkSame("device", device, as: base.deviceSource)
        try options.checkSame("random", random.map(String.init), as: String(plan.randomNetworks))
        func text(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
        switch plan.varied {
        case .latencies(let latencies):
            try options.checkSame("target-latencies", targetLatencies.map(text), as: text(latencies))
            try options.checkSame("lambdas", lambdas.map(text), as: nil)
            try options.checkSame("points", points.map(String.init), as: String(latencies.count))
        case .lambdas(let values):
            try options.checkSame("target-latencies", targetLatencies.map(text), as: nil)
            try options.checkSame("lambdas", lambdas.map(text), as: text(values))
            try options.checkSame("points", points.map(String.init), as: nil)
        }
        try options.checkSame(
            data: base.data, trainingImages: base.trainingImages, settings: applied(to: base.configuration).json,
            as: base.configuration.json)
    }

    /// - Parameter make: a search of these settings.
    private func dryRun(
        _ sweep: SweepPlan, make: (SearchConfiguration) throws -> Search, space: SearchSpace, images: ImageDataSource,
        memory: Int
    ) throws {
        let base = sweep.warmUp.configuration
        let timing = try SearchTiming(base, test: images.test, make: make)
        let networks = sweep.searches.count + space.uniformArchitectures.count + sweep.randomNetworks
        let branches = Double(sweep.searches.count) * (timing.whole - timing.warmUp)
        let varied = switch sweep.varied {
        case .latencies(let values): ("latencies", values.map { "\($0)" }.joined(separator: ", ") + " ms")
        case .lambdas(let values): ("lambdas", values.map { "\($0)" }.joined(separator: ", "))
        }
        DryRun(
            subject: [
                ("sweep", sweep.warmUp.space), ("device", sweep.warmUp.device), varied,
                ("random", "\(sweep.randomNetworks)"), ("candidates", "\(base.candidates)"),
                ("seed", "\(base.training.seed)"),
                ("data", options.subject(images, trainingImages: sweep.warmUp.trainingImages)),
                ("output", options.output),
            ], timing: timing, memory: memory,
            seconds: timing.warmUp + branches + Double(networks) * timing.inheriting
        ).show(asJSON: options.json)
    }

    /// Lets a search of the sweep go on to a step, in a directory of its own that is made where there is none.
    @discardableResult
    private func carry(
        _ search: Search, plan: SearchPlan, name: String, at path: String, until end: Int,
        create: () throws -> RunDirectory
    ) throws -> (RunDirectory, EventFile) {
        let directory = RunDirectory.isBegun(path) ? try RunOptions.resumed(path, run: search) : try create()
        let events = try EventFile(resuming: path, after: search.step)
        options.showComparing(of: search, command: "sweep")
        try options.carry(
            search, in: directory, events: events, command: "sweep", checkpointEvery: plan.checkpointInterval, until: end
        ) { step in
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
            ("network", .cut), ("latency ms", .right), ("known", .left), ("parameters", .right),
            ("top-1 %", .right), ("95 % interval", .right),
        ])
        for point in tradeoff.points {
            let interval = point.inherited.interval
            table.add([
                point.name, point.latency.milliseconds.fixed(4), point.latency.kind, point.parameters.grouped,
                (100 * point.inherited.share).fixed(2),
                "\((100 * interval.lowerBound).fixed(2))–\((100 * interval.upperBound).fixed(2))",
            ])
        }
        let images = tradeoff.points.first?.inherited.testImages ?? 0
        let sentence = "top-1: of \(images.grouped) test images, with the weights inherited from the common warm-up, so that "
            + "all networks had the same training. "
            + (tradeoff.points.allSatisfy { $0.latency.layers?.measured == 0 }
                ? "The latencies were not measured on this device: modelled." : "")
        print(table.text + "\n" + sentence.wrapped(columns: TextTable.columns))
        print("The same is in \(path).csv, .json and .svg.")
    }
}

extension SearchConfiguration {
    /// What a search of a sweep was for, as it stands beside its point.
    fileprivate func sweepLabel(of sweep: SweepPlan) -> String {
        switch sweep.varied {
        case .latencies: targets.map { $0.quantity.text($0.limit) }.joined(separator: ", ")
        case .lambdas: "λ \(lambda)"
        }
    }
}
