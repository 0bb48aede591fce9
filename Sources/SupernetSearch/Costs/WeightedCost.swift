import Glibc

/// A term of a search's loss: λ · log(cost), with the cost of the selected network in any quantity.
package struct WeightedCost {
    package let term: CostTerm
    /// λ.
    package var weight: Double

    package init(term: CostTerm, weight: Double) {
        self.term = term
        self.weight = weight
    }

    package func loss(of indicators: some Collection<LayerIndicators>) -> Double { weight * log(term.value(of: indicators)) }

    /// Adds the term's gradient with respect to every indicator to `gradient`.
    package func addGradient(of indicators: some Collection<LayerIndicators>, to gradient: inout [LayerIndicators]) {
        term.addGradient(of: indicators, times: weight / term.value(of: indicators), to: &gradient)
    }
}
