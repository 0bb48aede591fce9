import Engine

/// A copy of the EMA of a training after one of its steps.
package struct KeptAverages {
    /// The training's own averages, with the names of the averaged tensors.
    let averages: [(name: String, storage: Storage)]
    private let kept: [Storage]

    init(of averages: [(name: String, storage: Storage)]) {
        self.averages = averages
        kept = averages.map { Storage($0.storage.values) }
    }

    /// Copies the present averages.
    package func take() {
        for (average, storage) in zip(averages, kept) { storage.copy(from: average.storage) }
    }

    /// Runs `body` while the training has the kept averages instead of its own.
    package func inPlace<Result>(_ body: () throws -> Result) rethrows -> Result {
        swap()
        defer { swap() }
        return try body()
    }

    /// Exchanges the kept averages with those of the training.
    package func swap() {
        for (average, storage) in zip(averages, kept) { storage.swap(with: average.storage) }
    }

    package func exchangeState(_ exchange: inout some StateExchange) throws {
        for (average, storage) in zip(averages, kept) { try exchange.values("\(average.name).kept", storage) }
    }
}
