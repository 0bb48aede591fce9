import ArgumentParser
import Exporter
import Files
import HardwareProfiles
import Runs
import SupernetSearch
import Training

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Searches networks for several latencies, and compares them with random ones.",
        discussion: """
            Trains the warm-up of a supernet once, runs a search from it for every target, and compares the networks that \
            are found with random ones and with uniform ones (the same block in every layer), all with the weights that \
            they inherit from the warm-up. Prints a table and writes it as sweep.csv, sweep.json and sweep.svg; every \
            search has its own folder beside them.
            """)

    @Option(help: "The search space: a name, or a path.", completion: .spaces)
    var space: String?

    @Option(help: "The device profile: a name, or a path.", completion: .devices)
    var device: String?

    @Option(
        help: ArgumentHelp("The target latencies, separated by commas.", valueName: "ms,ms,…"),
        transform: { try NumberList(argument: $0).numbers })
    var targetLatencies: [Double]?

    @Option(
        help: ArgumentHelp(
            "Values of λ, the weight of log(latency) in the loss, to search with instead of target latencies.",
            valueName: "λ,λ,…"),
        transform: { try NumberList(argument: $0).numbers })
    var lambdas: [Double]?

    @Option(
        help: ArgumentHelp(
            "How many target latencies to spread evenly over the space, where none are given (default: \(defaultPoints)).",
            valueName: "N"))
    var points: Int?

    @Option(help: ArgumentHelp("How many random networks to compare with (default: \(defaultRandom)).", valueName: "N"))
    var random: Int?

    @OptionGroup var deviceThreads: DeviceThreads
    @OptionGroup var candidates: CandidateOptions
    @OptionGroup var options: RunOptions

    private static let defaultPoints = 5
    private static let defaultRandom = 20

    func validate() throws {
        try options.checkGiven([("space", space), ("device", device), ("data", options.data)])
        let ways = [
            ("target-latencies", targetLatencies != nil), ("lambdas", lambdas != nil), ("points", points != nil),
        ].filter(\.1).map { "--\($0.0)" }
        if ways.count > 1 { throw ValidationError("expected one of \(ways.joined(separator: " and ")), found both") }
        try (1...1000).check(points, of: "points")
        try SweepPlan.randomLimits.check(random, of: "random")
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
    private func varied(_ costs: CostTable) -> SweepPlan.Varied {
        if let lambdas { return .lambdas(lambdas) }
        if let targetLatencies { return .latencies(targetLatencies) }
        let range = costs.range, points = points ?? Self.defaultPoints
        // Neither the smallest nor the largest network leaves anything to decide.
        let limits = (0..<points).map { index in
            let share = Double(index + 1) / Double(points + 1)
            let thousandths = 1000 * (range.lowerBound + share * (range.upperBound - range.lowerBound))
            let limit = thousandths.rounded() / 1000
            // Some network has to keep it.
            return limit < range.lowerBound ? thousandths.rounded(.up) / 1000 : limit
        }
        // Where networks cost nearly the same, some limits are equal, and so are their searches.
        let different = limits.indices.filter { $0 == 0 || limits[$0] != limits[$0 - 1] }.map { limits[$0] }
        if different.count < points, !options.resume {
            RunOptions.warn("of \(points.counted("point")), \(different.count) "
                + (different.count == 1 ? "is" : "are") + " left: the others have the same latency to a microsecond")
        }
        return .latencies(different)
    }

    func run() throws {
        let old = options.resume ? try SweepPlan(run: options.output) : nil
        if let old { try checkSame(as: old) }
        var inputs = try SearchInputs(
            .init(old?.warmUp, space: space, devices: [device].compactMap(\.self), deviceThreads: deviceThreads, data: options.data),
            options: options, resuming: old?.warmUp.images)
        if let old {
            try options.checkSame(deviceThreads, as: inputs)
            try old.warmUp.provenance.checkInputs(inputs.provenanceInputs, of: "sweep in \(options.output)")
            if let points, case .latencies(let latencies) = old.varied,
                varied(inputs.costModel.latencyTable(of: inputs.space)) != old.varied
            {
                // Of so many points, some may have fallen together.
                try options.checkSame("points", String(points), as: String(latencies.count))
            }
        }
        let base = old?.warmUp.configuration ?? applied(to: inputs.suited(SearchConfiguration(), options: options))
        ThreadsOption.warn(of: base.threads)
        let memory = inputs.memory(base)
        try options.checkFit(
            memory.besideItsWarmUp, batch: base.batch, of: inputs.trainingImages, holdingOut: inputs.heldOut)
        let varied = old?.varied ?? self.varied(inputs.costModel.latencyTable(of: inputs.space))
        try checkTargets(of: varied.searches(with: base), on: inputs)
        try options.checkCreatable(before: inputs.images)
        if options.dryRun {
            try inputs.leaveOutBroken(options.photos)
        } else {
            try inputs.cacheImages(options.photos, for: base, resuming: old?.warmUp.images)
        }
        let plan = SweepPlan(
            warmUp: try inputs.plan(base, options: options, old: old?.warmUp), varied: varied,
            randomNetworks: old?.randomNetworks ?? random ?? Self.defaultRandom)
        if options.dryRun { return try dryRun(plan, of: inputs, memory: RunOptions.peak(with: memory.besideItsWarmUp)) }

        let directory = options.resume
            ? try SweepDirectory(resuming: options.output) : try SweepDirectory(creating: options.output, plan: plan)
        let sweep = try SweepDriver(
            plan, in: directory,
            task: SearchTask(
                space: inputs.space, costModel: inputs.costModel, trainingImages: inputs.trainingImages,
                testImages: inputs.testImages),
            export: ExportedRun(), warning: RunOptions.warn)
        try options.session(of: "sweep").run(sweep)
        var tradeoff = Tradeoff(sweep.points, of: plan)
        tradeoff.latencyBasis = inputs.latencyBasis(of: sweep.points.map(\.estimate))
        try write(tradeoff)
        if !options.json { showEnd(of: sweep.points, inputs) }
    }

    /// Prints how the latencies are known, and what to do next.
    private func showEnd(of points: [SweepPoint], _ inputs: SearchInputs) {
        print(inputs.latencyBasis(of: points.map(\.estimate)).wrapped(columns: TextTable.columns))
        let found = points.filter { $0.kind == .found }
        guard let best = found.max(by: { $0.inherited.accuracy < $1.inherited.accuracy }) else { return }
        print(
            NextCommand.line(
                "export", "--run", "\(options.output)/\(best.name)", "--format", "html", "--output", "report.html"))
    }

    /// Refuses what cannot be before images are decoded and anything is trained.
    private func checkTargets(of searches: [SweepPlan.Search], on inputs: SearchInputs) throws {
        for branch in searches {
            do {
                try Search.check(branch.configuration.targets, space: inputs.space, costModel: inputs.costModel)
            } catch {
                throw ValidationError("\(error)".replacing("--target-latency:", with: "--target-latencies:"))
            }
        }
    }

    /// Checks that nothing was given that the sweep to resume has otherwise.
    private func checkSame(as plan: SweepPlan) throws {
        let base = plan.warmUp
        try options.checkSame("space", space, as: base.space.source, source: Catalogue.spaces.source)
        try options.checkSame("device", device, as: base.device.source, source: Catalogue.devices.source)
        try options.checkSame("random", random.map(String.init), as: String(plan.randomNetworks))
        func text(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
        switch plan.varied {
        case .latencies(let latencies):
            try options.checkSame("target-latencies", targetLatencies.map(text), as: text(latencies))
            try options.checkSame("lambdas", lambdas.map(text), as: nil)
        case .lambdas(let values):
            try options.checkSame("target-latencies", targetLatencies.map(text), as: nil)
            try options.checkSame("lambdas", lambdas.map(text), as: text(values))
            try options.checkSame("points", points.map(String.init), as: nil)
        }
        try options.checkSame(base.images, settings: applied(to: base.configuration).json, as: base.configuration.json)
    }

    private func dryRun(_ sweep: SweepPlan, of inputs: SearchInputs, memory: Int) throws {
        let base = sweep.warmUp.configuration
        let varied = switch sweep.varied {
        case .latencies(let values): ("latencies", values.map { "\($0)" }.joined(separator: ", ") + " ms")
        case .lambdas(let values): ("lambdas", values.map { "\($0)" }.joined(separator: ", "))
        }
        DryRun(
            subject: [
                ("sweep", sweep.warmUp.space.name),
            ] + inputs.deviceFacts + [
                varied, ("random", "\(sweep.randomNetworks)"), ("candidates", "\(base.candidates)"),
                ("seed", "\(base.training.seed)"),
                ("data", options.subject(training: inputs.trainingImages, test: inputs.testImages)),
                ("output", options.output),
            ], sweep: sweep, timing: try inputs.timing(base), memory: memory
        ).show(asJSON: options.json)
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
                point.name, point.latency.milliseconds.fixed(4), point.latency.mostly, point.parameters.grouped,
                (100 * point.inherited.share).fixed(2),
                "\((100 * interval.lowerBound).fixed(2))–\((100 * interval.upperBound).fixed(2))",
            ])
        }
        let images = tradeoff.points.first?.inherited.testImages ?? 0
        let sentence = "top-1: of \(images.grouped) test images, with the weights inherited from the common warm-up, so that "
            + "all networks had the same training."
        print(table.text + "\n" + sentence.wrapped(columns: TextTable.columns))
        print("The same is in \(path).csv, .json and .svg.")
    }
}

extension SearchConfiguration {
    /// What a search of a sweep was for, as it stands beside its point.
    fileprivate func sweepLabel(of varied: SweepPlan.Varied) -> String {
        switch varied {
        case .latencies: targets.map { $0.quantity.text($0.limit) }.joined(separator: ", ")
        case .lambdas: "λ \(lambda)"
        }
    }
}

extension Tradeoff {
    init(_ points: [SweepPoint], of plan: SweepPlan) {
        self.init(title: "\(plan.warmUp.space.name) on \(plan.warmUp.device.name)", provenance: plan.warmUp.provenance)
        let labels = Dictionary(
            plan.searches.map { ($0.name, $0.configuration.sweepLabel(of: plan.varied)) }, uniquingKeysWith: { first, _ in first })
        self.points = points.map { point in
            let kind: Kind =
                switch point.kind {
                case .found: .found
                case .largest: .largest
                case .uniform: .uniform
                case .random: .random
                }
            var shown = Point(
                name: point.name, kind: kind, latency: KnownLatency(point.estimate, of: point.network),
                macs: point.estimate.macs, parameters: point.estimate.parameters,
                inherited: TestAccuracy(testImages: point.inherited.count, correct: point.inherited.correct))
            shown.label = kind == .largest ? point.name : labels[point.name]
            shown.searchedAccuracy = point.searched?.accuracy
            return shown
        }
    }
}
