import Engine

/// The averages that a training had after one of its steps, kept for later.
package struct KeptAverages {
    /// As they change from step to step, with the names of what is averaged.
    let averages: [(name: String, storage: Storage)]
    private let kept: [Storage]

    init(of averages: [(name: String, storage: Storage)]) {
        self.averages = averages
        kept = averages.map { Storage($0.storage.values) }
    }

    /// Keeps them as they are now.
    package func take() {
        for (average, storage) in zip(averages, kept) { storage.copy(from: average.storage) }
    }

    /// What `body` makes of the training with the kept averages in the place of its own.
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
