import Architectures
import Datasets
import Engine
import HardwareProfiles
import Training

extension Search {
    /// Where the ranking of candidates is.
    struct Ranking {
        var candidates: Candidates
        var random: RandomSource
        /// That candidates are evaluated on.
        let images: ImageDataset
        /// Candidates that are ranked.
        var ranked = 0
        /// The best of them, from the best on, once that is known: those that are tried.
        var tried: [Candidates.Network]?
        /// Trials that are done.
        var trials = 0
        var trial: Trial?
        /// The best by its trial so far.
        var best: (network: Candidates.Network, half: Double, whole: Double)?
    }

    /// A trial that goes on.
    struct Trial {
        let kept: TrainingLoop.Kept
        /// Steps that are done.
        var step = 0
        /// Of the cross-entropies of its steps.
        var sum = 0.0
        /// The mean over the first half; nil before its end.
        var half: Double?
    }

    /// Does the next piece of the ranking: of the candidates those of least loss are looked for, by what they inherit from the
    /// warm-up, and of these the one that trains best from there.
    func rank() throws -> SearchEvent {
        guard var ranking else {
            let ranking = beginRanking()
            self.ranking = ranking
            guard configuration.candidates > 1 else { return found(ranking.candidates.first, ranked: 1) }
            return .candidate(done: 0, of: configuration.candidates)
        }
        // Taken out, so that what changes is not copied.
        self.ranking = nil
        defer { if !isFound { self.ranking = ranking } }

        if ranking.tried == nil {
            if let network = ranking.candidates.next(&ranking.random) {
                if ranking.ranked == losses.inherited.count {
                    losses.inherited.append(try inheritedLoss(of: network, on: ranking.images))
                }
                ranking.candidates.add(network, loss: losses.inherited[ranking.ranked])
                ranking.ranked += 1
                return .candidate(done: ranking.ranked, of: configuration.candidates)
            }
            ranking.tried = ranking.candidates.best
            // There were no more.
            if ranking.ranked < configuration.candidates { return .candidate(done: ranking.ranked, of: ranking.ranked) }
        }
        let tried = ranking.tried ?? []
        if tried.count == 1 { return found(tried[0], ranked: ranking.ranked) }
        guard ranking.trials < tried.count else {
            return found(ranking.best?.network ?? tried[0], ranked: ranking.ranked)
        }
        if ranking.trials == losses.halves.count {
            let done = try trialStep(of: tried[ranking.trials], in: &ranking)
            if ranking.trial != nil { return .trial(done: Double(ranking.trials) + done, of: tried.count) }
        }
        let half = losses.halves[ranking.trials], whole = losses.wholes[ranking.trials]
        // What is larger inherits less than it is worth, and shows it as soon as it trains.
        if whole < ranking.best?.whole ?? .infinity { ranking.best = (tried[ranking.trials], half, whole) }
        ranking.trials += 1
        return .trial(done: Double(ranking.trials), of: tried.count)
    }

    private func beginRanking() -> Ranking {
        let scores = majority.scores(of: layers)
        // All cost as much: what the targets ask, or what the majority vote does, which λ has led to.
        let first = majorityChoices(scores)
        let limits = constraints.isEmpty
            ? [Constraint(target: CostTarget(.latency, atMost: latencies.value(of: first)), costs: latencies)]
            : constraints
        return Ranking(
            candidates: Candidates(scores: scores, constraints: limits, count: configuration.candidates, first: first),
            random: RandomSource(seed: configuration.seed, stream: RandomStream.candidates),
            images: trainingImages.spread(effort.images))
    }

    private func found(_ network: Candidates.Network, ranked: Int) -> SearchEvent {
        supernet.select(network)
        self.ranked = ranked
        losses = RankedLosses()
        ranking = nil
        return .found
    }

    /// By what a network inherits from the warm-up: while the search phase goes on, what it selects learns more than what it
    /// does not, and would win by that.
    private func inheritedLoss(of network: Candidates.Network, on images: ImageDataset) throws -> Double {
        if warmUpSteps > 0 { warm.swap() }
        defer { if warmUpSteps > 0 { warm.swap() } }
        let loss = try inheritedAccuracy(of: network, on: images, batches: effort.statisticsBatches).crossEntropy
        return loss.isFinite ? loss : .infinity
    }

    /// Does a step of a network's trial: the training of its first steps from what it inherits. Only where it is better than
    /// the best so far after half of them the others are done. When it is over the search is as it was.
    ///
    /// - Returns: the part that is done.
    private func trialStep(of network: Candidates.Network, in ranking: inout Ranking) throws -> Double {
        var trial = ranking.trial ?? beginTrial(of: network)
        loop.load(step: trial.step)
        supernet.selectAgain()
        if let crossEntropy = try crossEntropyUnlessDiverged() {
            trial.sum += crossEntropy
            loop.updateInTrial()
            trial.step += 1
        } else {
            // Another candidate may still be found.
            trial.half = .infinity
        }
        if trial.step == stepsPerTrial / 2, trial.half == nil { trial.half = trial.sum / Double(trial.step) }
        let isBehind = trial.half.map { $0 >= ranking.best?.half ?? .infinity } ?? false
        guard isBehind || trial.step == stepsPerTrial else {
            ranking.trial = trial
            return Double(trial.step) / Double(stepsPerTrial)
        }
        losses.halves.append(trial.half ?? .infinity)
        losses.wholes.append(isBehind ? .infinity : trial.sum / Double(trial.step))
        endTrial(trial)
        ranking.trial = nil
        return 1
    }

    /// Goes forward and back with the loaded batch; nil where that gives numbers that are not finite.
    private func crossEntropyUnlessDiverged() throws -> Double? {
        do throws(TrainingError) {
            return try computeGradients(phase: .fineTune).crossEntropy
        } catch {
            if case .diverged = error { return nil }
            throw error
        }
    }

    private func beginTrial(of network: Candidates.Network) -> Trial {
        if warmUpSteps > 0 { warm.swap() }
        loop.swapAverages()
        supernet.select(network)
        return Trial(kept: loop.beginTrial())
    }

    private func endTrial(_ trial: Trial) {
        loop.endTrial(trial.kept)
        loop.swapAverages()
        if warmUpSteps > 0 { warm.swap() }
        supernet.decide()
    }

    /// Leaves a trial that goes on; it begins again with the next event.
    func abandonTrial() {
        guard let trial = ranking?.trial else { return }
        ranking?.trial = nil
        endTrial(trial)
    }

    /// What the majority vote selects or, with targets, the network of highest score among all that keep them.
    private func majorityChoices(_ scores: [ChoiceScores]) -> Candidates.Network {
        guard !constraints.isEmpty else { return majority.choices(of: layers) }
        let selection = ConstrainedSelection(constraints: constraints, layers: layers)
        if let best = selection.best(scores, reaching: constraints.contains(where: \.binds)) ?? selection.best(scores, reaching: false) {
            return best
        }
        // The constructor has found a network that keeps them.
        guard case .yes(let network) = selection.keepable else {
            preconditionFailure("Search: no network of \(supernet.space.name) keeps the targets")
        }
        return network
    }
}
