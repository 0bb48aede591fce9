import Architectures
import Datasets
import Engine
import HardwareProfiles
import Training

extension Search {
    /// The state of the ranking of candidates.
    struct Ranking {
        var strategy: any CandidateRanking
        var random: RandomSource
        /// On which candidates are evaluated.
        let images: ImageDataset
        /// The number of candidates whose loss is known, at all levels.
        var done = 0
        /// Of those, the number with inherited weights: that of different networks.
        var networks = 0
        /// Whose loss is not yet known.
        var current: Candidate?
        var trial: Trial?
    }

    /// An unfinished trial.
    struct Trial {
        let kept: TrainingLoop.Kept
        /// The number of all its steps, and of the finished ones.
        let steps: Int
        var step = 0
        /// The sum of the cross-entropies of its steps.
        var sum = 0.0
    }

    /// Does the next piece of the ranking: the loss of a candidate with the weights that it inherits from the warm-up, or a
    /// step of its trial.
    func rank() throws -> SearchEvent {
        guard var ranking else {
            let proposals = proposals
            decidedChoices = proposals.first
            guard configuration.comparesCandidates else { return found(proposals.first, ranked: 1) }
            ranking = beginRanking(proposals)
            return .candidate(done: 0, of: candidateEvaluations)
        }
        // Moved out, so that changes do not copy it.
        self.ranking = nil
        defer { if !isFound { self.ranking = ranking } }

        guard let candidate = ranking.current ?? ranking.strategy.next(&ranking.random) else {
            return found(ranking.strategy.best, ranked: ranking.networks)
        }
        ranking.current = candidate
        if ranking.done == losses.count {
            if candidate.level == 0 {
                losses.append(try warmLoss(of: candidate.network, on: ranking.images))
            } else {
                let done = try trialStep(of: candidate, in: &ranking)
                if ranking.trial != nil { return .candidate(done: Double(ranking.done) + done, of: candidateEvaluations) }
            }
        }
        ranking.strategy.add(candidate, loss: losses[ranking.done])
        ranking.current = nil
        ranking.done += 1
        if candidate.level == 0 { ranking.networks += 1 }
        return .candidate(done: Double(ranking.done), of: candidateEvaluations)
    }

    /// The network that would be found if the search ended now; nil in the warm-up, which decides nothing. It meets the targets.
    public var incumbent: [LayerChoice]? {
        guard loop.step > warmUpSteps else { return nil }
        if isFound { return supernet.choices }
        if let ranking, ranking.done > 0 { return ranking.strategy.best }
        return proposals.first
    }

    /// All candidates cost about the same: as much as the targets allow or, without targets, as what the gradient decided.
    private var proposals: Proposals {
        let means = Array(differences.believed.joined()), decided = constraints.isEmpty ? supernet.choices : nil
        let limits = decided.map {
            [Constraint(target: CostTarget(.latency, atMost: latencies.value(of: $0)), costs: latencies)]
        } ?? constraints
        let proposals = Proposals(layers: layers, partMeans: means, constraints: limits, first: decided)
        guard configuration.activationWeight > 0 else { return proposals }
        var random = RandomSource(seed: configuration.seed, stream: RandomStream.credit)
        let credit = ActivationCredit(
            weight: configuration.activationWeight, of: proposals.drawn(Self.creditDraws, &random), limits: limits, in: layers)
        return Proposals(layers: layers, partMeans: means, constraints: limits, credit: credit, first: decided)
    }

    /// So many networks are drawn to tell how much losses and activations differ.
    private static var creditDraws: Int { 64 }

    private func beginRanking(_ proposals: Proposals) -> Ranking {
        let count = configuration.candidates, strategy: any CandidateRanking
        switch configuration.strategy {
        case .surrogate, .gradient: strategy = SurrogateRanking(proposals, count: count)
        case .evolution: strategy = Evolution(proposals, count: count)
        case .halving: strategy = SuccessiveHalving(proposals, count: count)
        }
        return Ranking(
            strategy: strategy, random: RandomSource(seed: configuration.seed, stream: RandomStream.candidates),
            images: heldOutImages.framed(supernet.space.input))
    }

    private func found(_ network: Candidate.Network, ranked: Int) -> SearchEvent {
        supernet.select(network)
        self.ranked = ranked
        losses = []
        ranking = nil
        return .found
    }

    /// The loss with weights from the end of the warm-up. In the search phase, selected parts train more than others,
    /// and would win for that reason alone.
    private func warmLoss(of network: Candidate.Network, on images: ImageDataset) throws -> Double {
        if warmUpSteps > 0 { warm.swap() }
        defer { if warmUpSteps > 0 { warm.swap() } }
        let loss = try inheritedLoss(of: network, on: images, batches: effort.statisticsBatches)
        return loss.isFinite ? loss : .infinity
    }

    /// Does a step of a candidate's trial: some steps of training from the inherited weights. After the trial, its loss,
    /// the mean over its steps, is known, and the state of the search is restored.
    ///
    /// - Returns: the finished part of the trial.
    private func trialStep(of candidate: Candidate, in ranking: inout Ranking) throws -> Double {
        var trial = ranking.trial ?? beginTrial(of: candidate)
        try loop.load(step: trial.step)
        supernet.selectAgain()
        var hasDiverged = false
        if let crossEntropy = try crossEntropyUnlessDiverged() {
            trial.sum += crossEntropy
            loop.updateInTrial()
            trial.step += 1
        } else {
            // Another candidate may still be the result.
            hasDiverged = true
        }
        guard hasDiverged || trial.step == trial.steps else {
            ranking.trial = trial
            return Double(trial.step) / Double(trial.steps)
        }
        losses.append(hasDiverged ? .infinity : trial.sum / Double(trial.step))
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

    private func beginTrial(of candidate: Candidate) -> Trial {
        if warmUpSteps > 0 { warm.swap() }
        loop.swapAverages()
        supernet.select(candidate.network)
        return Trial(kept: loop.beginTrial(), steps: trialSteps(level: candidate.level))
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
}
