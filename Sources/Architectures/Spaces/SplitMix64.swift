/// Reproducible random numbers (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators"), and
/// what is drawn with them.
///
///     var random = SplitMix64(seed: 7)
///     let order = random.shuffled(Array(0..<10))
///
/// This is deliberately no `RandomNumberGenerator`: the standard library does not specify how it turns a generator's
/// words into whole numbers and orders, and has changed it between releases, so that a seed would mean something else
/// with another toolchain. The methods here are specified, and draw what the standard library of Swift 6 draws.
public struct SplitMix64: Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// The next word, all 64 bits of it random.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A uniform whole number in 0..<bound: the upper word of bound · next(). If the lower word is below 2⁶⁴ mod bound,
    /// another word is drawn (Lemire, 2019, "Fast random integer generation in an interval", arXiv:1805.10941).
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "SplitMix64.below: the bound must be positive, got \(bound)")
        let bound = UInt64(bound), rest = (0 &- bound) % bound
        while true {
            let product = next().multipliedFullWidth(by: bound)
            if product.low >= rest { return Int(product.high) }
        }
    }

    /// One of `elements`, uniformly; they must not be empty.
    public mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    /// The elements in a uniformly random order: from the first place on, each is swapped with one drawn from those not
    /// yet placed, itself included (Fisher and Yates, 1938; Durstenfeld, 1964, "Algorithm 235").
    public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for place in elements.indices.dropLast() {
            elements.swapAt(place, place + below(elements.count - place))
        }
        return elements
    }
}
