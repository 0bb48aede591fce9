import Glibc

/// A part of a search's loss: λ · log(cost), the cost of what the indicators select, in any quantity.
struct WeightedCost {
    let term: CostTerm
    /// λ.
    let weight: Double

    /// The part of the loss, and its gradient by every indicator.
    func evaluate(_ indicators: [LayerIndicators]) -> (loss: Double, gradient: [LayerIndicators]) {
        let (value, gradient) = term.evaluate(indicators)
        return (weight * log(value), gradient.map { $0.scaled(by: weight / value) })
    }
}
