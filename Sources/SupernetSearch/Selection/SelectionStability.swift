import Architectures
import Training

/// How often the selected architecture changed from one step to the next.
struct SelectionStability {
    /// Steps that were looked at, and those of them at which it was another than the step before.
    private(set) var steps = 0
    private(set) var changes = 0
    /// Empty before the first.
    private var last: [LayerChoice] = []

    /// Looks at the selection after a step.
    mutating func add(_ choices: some Collection<LayerChoice>) {
        steps += 1
        if last.elementsEqual(choices) { return }
        if !last.isEmpty { changes += 1 }
        last.removeAll(keepingCapacity: true)
        last.append(contentsOf: choices)
    }

    /// Goes on after a step whose state was taken back.
    mutating func resume(at choices: [LayerChoice]) {
        if steps > 0 { last = choices }
    }

    /// Everything here that changes from step to step, but for the selection, which follows from the rest of the state.
    mutating func exchangeState(_ exchange: inout some StateExchange) throws {
        try exchange.integer("stability_steps", &steps)
        try exchange.integer("stability_changes", &changes)
    }
}
