import ArgumentParser
import Files

/// The seed of random numbers, as it is given on the command line.
struct Seed {
    let value: UInt64

    init(_ value: UInt64) { self.value = value }

    /// - Throws: `ValidationError` for what is no seed, which names the range.
    init(argument text: String) throws {
        guard let value = UInt64(text), Provenance.seeds.contains(value) else {
            throw ValidationError(
                "expected a whole number from \(Provenance.seeds.lowerBound) to \(Provenance.seeds.upperBound), found "
                    + text)
        }
        self.value = value
    }
}
