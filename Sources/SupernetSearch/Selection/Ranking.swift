import Architectures
import Datasets
import Engine
import HardwareProfiles
import Training

extension Search {
    /// The state of the ranking of candidates.
    struct Ranking {
        var candidates: Candidates
        var random: RandomSource
        /// The images for the evaluation of candidates.
        let images: ImageDataset
        /// The number of ranked candidates.
        var ranked = 0
        /// The best candidates, the best first, which get trials; nil until they are known.
        var tried: [Candidates.Network]?
        /// The number of finished trials.
        var trials = 0
        var trial: Trial?
        /// The network with the best trial so far.
        var best: (network: Candidates.Network, half: Double, whole: Double)?
    }

    /// An unfinished trial.
    struct Trial {
        let kept: TrainingLoop.Kept
        /// The number of finished steps.
        var step = 0
        /// The sum of the cross-entropies of its steps.
        var sum = 0.0
        /// The mean over the first half; nil before its end.
        var half: Double?
    }

    /// Does the next piece of the ranking: it ranks candidates by the loss of the weights that they inherit from the
    /// warm-up, and then the best of them by a trial.
    func rank() throws -> SearchEvent {
        guard var ranking else {
            let ranking = beginRanking()
            self.ranking = ranking
            guard configuration.candidates > 1 else { return found(ranking.candidates.first, ranked: 1) }
            return .candidate(done: 0, of: configuration.candidates)
        }
        // Moved out, so that changes do not copy it.
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
            // No more candidates exist.
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
        // Trials decide, because a larger network's inherited loss underrates it, which some steps of training correct.
        if whole < ranking.best?.whole ?? .infinity { ranking.best = (tried[ranking.trials], half, whole) }
        ranking.trials += 1
        return .trial(done: Double(ranking.trials), of: tried.count)
    }

    private func beginRanking() -> Ranking {
        let scores = majority.scores(of: layers)
        // All candidates cost about the same: as much as the targets allow or, without targets, as the majority vote.
        let first = majorityChoices(scores)
        let limits = constraints.isEmpty
            ? [Constraint(target: CostTarget(.latency, atMost: latencies.value(of: first)), costs: latencies)]
            : constraints
        return Ranking(
            candidates: Candidates(scores: scores, constraints: limits, count: configuration.candidates, first: first),
            random: RandomSource(seed: configuration.seed, stream: RandomStream.candidates),
            images: trainingImages.framed(supernet.space.input).spread(effort.images))
    }

    private func found(_ network: Candidates.Network, ranked: Int) -> SearchEvent {
        supernet.select(network)
        self.ranked = ranked
        losses = RankedLosses()
        ranking = nil
        return .found
    }

    /// The loss with weights from the end of the warm-up. In the search phase, selected parts train more than others,
    /// and would win for that reason alone.
    private func inheritedLoss(of network: Candidates.Network, on images: ImageDataset) throws -> Double {
        if warmUpSteps > 0 { warm.swap() }
        defer { if warmUpSteps > 0 { warm.swap() } }
        let loss = try inheritedAccuracy(of: network, on: images, batches: effort.statisticsBatches).crossEntropy
        return loss.isFinite ? loss : .infinity
    }

    /// Does a step of a network's trial: some steps of training from the inherited weights. The second half is done
    /// only if the first half is better than that of the best so far. After the trial, the state of the search is
    /// restored.
    ///
    /// - Returns: the finished part of the trial.
    private func trialStep(of network: Candidates.Network, in ranking: inout Ranking) throws -> Double {
        var trial = ranking.trial ?? beginTrial(of: network)
        try loop.load(step: trial.step)
        supernet.selectAgain()
        if let crossEntropy = try crossEntropyUnlessDiverged() {
            trial.sum += crossEntropy
            loop.updateInTrial()
            trial.step += 1
        } else {
            // Another candidate may still be the result.
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

    /// Forward and backward pass with the loaded batch; nil where they give values that are not finite.
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

    /// Abandons an unfinished trial; it begins again with the next event.
    func abandonTrial() {
        guard let trial = ranking?.trial else { return }
        ranking?.trial = nil
        endTrial(trial)
    }

    /// The majority vote or, with targets, the network with the highest score that meets them.
    private func majorityChoices(_ scores: [ChoiceScores]) -> Candidates.Network {
        guard !constraints.isEmpty else { return majority.choices(of: layers) }
        let selection = ConstrainedSelection(constraints: constraints, layers: layers)
        if let best = selection.best(scores, reaching: constraints.contains(where: \.binds)) ?? selection.best(scores, reaching: false) {
            return best
        }
        // The initialiser has found a network that meets them.
        guard case .yes(let network) = selection.keepable else {
            preconditionFailure("Search: no network of \(space.name) keeps the targets")
        }
        return network
    }
}
