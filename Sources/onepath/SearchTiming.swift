import Architectures
import Datasets
import SupernetSearch

/// How long the parts of a search take on this machine, from doing a little of each.
struct SearchTiming {
    /// One that some steps were done of; it is of no use but to ask what it would do.
    let search: Search
    /// A step of the warm-up, and of the settling, which trains one network as a warm-up's does.
    private let usualStep: Double
    private let decidingStep: Double
    /// Of a network with inherited weights, an image.
    private let comparedImage: Double
    /// Of all test images.
    private let evaluation: Double
    private let testImages: Int

    /// - Parameters:
    ///   - make: a search of these settings.
    ///   - test: what is classified at the end.
    init(
        _ configuration: SearchConfiguration, test: ImageDataset, make: (SearchConfiguration) throws -> Search
    ) throws {
        // One after the other, for each has its memory.
        var decidingOnly = configuration
        decidingOnly.warmUpFraction = 0
        decidingOnly.candidates = 1
        decidingStep = try RunTiming(of: make(decidingOnly)).secondsPerStep
        let search = try make(configuration)
        usualStep = try RunTiming(of: search).secondsPerStep
        // The batches that statistics are taken over besides take less than a second.
        evaluation = try RunOptions.evaluationSeconds(test) {
            _ = search.supernet.network.evaluate($0, statistics: search.statistics)
        }
        comparedImage =
            try RunOptions.evaluationSeconds(test) { images in
                let network = search.supernet.space.randomArchitectures(1, seed: configuration.seed)[0]
                _ = try search.inheritedAccuracy(of: network.choices, on: images, batches: 1)
            } / Double(test.count)
        testImages = test.count
        self.search = search
    }

    /// All steps of a phase, in seconds.
    private func seconds(_ phase: (phase: SearchPhase, steps: Int)) -> Double {
        Double(phase.steps) * (phase.phase == .deciding ? decidingStep : usualStep)
    }

    /// All steps, in seconds.
    var training: Double { search.phases.reduce(0) { $0 + seconds($1) } }

    /// The warm-up alone, in seconds.
    var warmUp: Double { Double(search.warmUpSteps) * usualStep }

    /// All of a search, in seconds.
    var whole: Double {
        training + Double(search.comparedImages) * comparedImage + Double(search.trialSteps) * usualStep
            + evaluation
    }

    /// Telling how well a network classifies the test images with what it inherits, in seconds.
    var inheriting: Double {
        Double(testImages + Search.statisticsBatches * search.configuration.batch) * comparedImage
    }
}

extension DryRun {
    /// Of a search, or of several that share a warm-up.
    ///
    /// - Parameters:
    ///   - memory: resident at the most, in bytes.
    ///   - seconds: all together.
    init(subject: [(name: String, value: String)], timing: SearchTiming, memory: Int, seconds: Double) {
        let search = timing.search, configuration = search.configuration
        self.init(
            subject: subject, steps: search.steps, epochs: configuration.epochs, batch: configuration.batch,
            threads: configuration.threads,
            phases: search.phases.map { ($0.phase.rawValue.replacing("_", with: "-"), $0.steps) }, memory: memory,
            secondsPerStep: timing.training / Double(search.steps), seconds: seconds)
    }
}
