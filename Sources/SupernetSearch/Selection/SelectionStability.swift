import Architectures
import Training

/// Counts how often the selected architecture changed from one step to the next.
struct SelectionStability {
    /// The number of observed steps, and of those at which it changed.
    private(set) var steps = 0
    private(set) var changes = 0
    /// The last selection; empty before the first step.
    private var last: [LayerChoice] = []

    /// Records the selection after a step.
    mutating func add(_ choices: some Collection<LayerChoice>) {
        steps += 1
        if last.elementsEqual(choices) { return }
        if !last.isEmpty { changes += 1 }
        last.removeAll(keepingCapacity: true)
        last.append(contentsOf: choices)
    }

    /// Continues after a step whose state was restored.
    mutating func resume(at choices: [LayerChoice]) {
        if steps > 0 { last = choices }
    }

    /// Saves or restores all state that changes from step to step, except the selection, which follows from other
    /// state.
    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.integer("stability_steps", &steps)
        try exchange.integer("stability_changes", &changes)
    }
}
