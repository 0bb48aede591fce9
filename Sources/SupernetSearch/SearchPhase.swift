/// What a step of a search trains.
public enum SearchPhase: String, Hashable, Sendable {
    /// Every sub-kernel: λ is 0, and each indicator is kept with a probability.
    case warmUp = "warm_up"
    /// Weights and thresholds: λ counts.
    case deciding
    /// The weights of what was decided: the indicators are given.
    case settling

    /// The phases of a run of so many steps, as the first step of the second and of the third.
    struct Boundaries {
        let deciding: Int
        let settling: Int

        init(steps: Int, configuration: SearchConfiguration) {
            self.init(
                steps: steps, warmUpFraction: configuration.warmUpFraction,
                settlingFraction: configuration.settlingFraction)
        }

        init(steps: Int, warmUpFraction: Double, settlingFraction: Double) {
            settling = max(1, steps - Int((settlingFraction * Double(steps)).rounded()))
            // However few steps there are, one of them decides.
            deciding = min(Int((warmUpFraction * Double(steps)).rounded()), settling - 1)
        }

        /// The phases that a run of so many steps has, each with its steps, from 0.
        func phases(steps: Int) -> [(phase: SearchPhase, steps: Range<Int>)] {
            let all = [
                (phase: SearchPhase.warmUp, steps: 0..<deciding), (.deciding, deciding..<settling),
                (.settling, settling..<steps),
            ]
            return all.filter { !$0.steps.isEmpty }
        }

        func phase(of step: Int) -> SearchPhase {
            step < deciding ? .warmUp : step < settling ? .deciding : .settling
        }
    }
}
