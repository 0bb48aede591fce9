import Glibc

/// A stream of random numbers that is the same on every machine: xoshiro256** (Blackman and Vigna, 2018,
/// "Scrambled linear pseudorandom number generators"), seeded through SplitMix64.
///
///     var random = RandomSource(seed: 7, stream: 2)
///     let kept = random.uniform() < 0.6
///
/// Two streams of one seed are independent: what one consumer draws never changes what another draws.
///
/// This is deliberately no `RandomNumberGenerator`: the standard library does not specify what it draws with one, and a
/// seed would mean something else with another toolchain.
public struct RandomSource: Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - stream: the number of the consumer within the run.
    public init(seed: UInt64, stream: UInt64 = 0) {
        var mixer = seed &+ stream &* 0xD1B5_4A32_D192_ED03
        func next() -> UInt64 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            var z = mixer
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        state = (next(), next(), next(), next())
    }

    /// The four words that determine all future numbers; not all of them are zero.
    public var words: [UInt64] { [state.0, state.1, state.2, state.3] }

    /// Continues a stream from its `words`.
    public init(words: [UInt64]) {
        require(
            words.count == 4 && words.contains { $0 != 0 },
            "RandomSource: expected four words that are not all zero, got \(words)")
        state = (words[0], words[1], words[2], words[3])
    }

    public mutating func next() -> UInt64 {
        let result = rotateLeft(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotateLeft(state.3, by: 45)
        return result
    }

    /// A number in [0, 1) with 24 random bits.
    public mutating func uniform() -> Float {
        Float(next() >> 40) * 0x1p-24
    }

    /// A number from the lower to below the upper bound, with 53 random bits.
    public mutating func uniform(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + Double(next() >> 11) * 0x1p-53 * (range.upperBound - range.lowerBound)
    }

    /// A whole number in 0..<bound, with negligible bias for bounds below 2³² (multiply-shift).
    public mutating func below(_ bound: Int) -> Int {
        require(bound > 0, "RandomSource.below: the bound must be positive, got \(bound)")
        return Int(UInt64(bound).multipliedFullWidth(by: next()).high)
    }

    /// Shuffles the elements: from the last place on, each is swapped with one drawn from those before it, itself
    /// included (Fisher and Yates, 1938; Durstenfeld, 1964, "Algorithm 235").
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        elements.withUnsafeMutableBufferPointer { shuffle($0) }
    }

    /// The same, where the elements are.
    public mutating func shuffle<Element>(_ elements: UnsafeMutableBufferPointer<Element>) {
        for last in elements.indices.dropFirst().reversed() {
            elements.swapAt(last, below(last + 1))
        }
    }

    /// A number from the standard normal distribution (Box and Muller, 1958).
    public mutating func normal() -> Float {
        // 1 - uniform is in (0, 1], where the logarithm is finite.
        let radius = (-2 * Float(logf(1 - uniform()))).squareRoot()
        return radius * cosf(2 * .pi * uniform())
    }

    private func rotateLeft(_ value: UInt64, by count: UInt64) -> UInt64 {
        (value << count) | (value >> (64 - count))
    }
}
