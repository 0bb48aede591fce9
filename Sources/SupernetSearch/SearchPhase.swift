/// The phases of a search.
public enum SearchPhase: String, Hashable, Sendable {
    /// Trains every sub-kernel: λ is 0, and each indicator is kept with a probability.
    case warmUp = "warm_up"
    /// Trains weights and moves thresholds: λ has its value, and the indicators decide.
    case search
    /// Trains the weights of the network that was found: the indicators are fixed.
    case fineTune = "fine_tune"

    /// The name for people: "fine-tune".
    public var text: String { rawValue.replacing("_", with: "-") }

    /// The phases of a run of so many steps, as the first step of the second and of the third.
    package struct Boundaries: Sendable {
        package let search: Int
        package let fineTune: Int

        package init(steps: Int, configuration: SearchConfiguration) {
            self.init(
                steps: steps, warmUpFraction: configuration.warmUpFraction,
                fineTuneFraction: configuration.fineTuneFraction)
        }

        package init(steps: Int, warmUpFraction: Double, fineTuneFraction: Double) {
            fineTune = max(1, steps - Int((fineTuneFraction * Double(steps)).rounded()))
            // Even a very short run has at least one step of the search phase.
            search = min(Int((warmUpFraction * Double(steps)).rounded()), fineTune - 1)
        }

        /// The phases of a run of so many steps, each with its steps, from 0.
        package func phases(steps: Int) -> [(phase: SearchPhase, steps: Range<Int>)] {
            let all = [
                (phase: SearchPhase.warmUp, steps: 0..<search), (.search, search..<fineTune),
                (.fineTune, fineTune..<steps),
            ]
            return all.filter { !$0.steps.isEmpty }
        }

        package func phase(of step: Int) -> SearchPhase {
            step < search ? .warmUp : step < fineTune ? .search : .fineTune
        }
    }
}
