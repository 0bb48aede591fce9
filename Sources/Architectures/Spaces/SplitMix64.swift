/// Random numbers that are the same for the same seed (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom
/// number generators"), and what is drawn with them.
///
///     var random = SplitMix64(seed: 7)
///     let order = random.shuffled(Array(0..<10))
///
/// This is deliberately no `RandomNumberGenerator`: how the standard library turns a generator's words into whole
/// numbers and orders is not specified and has changed between releases, so that a seed would not mean the same with
/// another toolchain. What is drawn here is specified, and is what the standard library of Swift 6 draws.
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

    /// A whole number in 0..<bound, every one exactly as likely: the upper word of bound · next(), where the lower one is
    /// at least 2⁶⁴ mod bound; another word is drawn where it is not (Lemire, 2019, "Fast random integer generation in an
    /// interval", arXiv:1805.10941).
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "SplitMix64.below: the bound must be positive, got \(bound)")
        let bound = UInt64(bound), rest = (0 &- bound) % bound
        while true {
            let product = next().multipliedFullWidth(by: bound)
            if product.low >= rest { return Int(product.high) }
        }
    }

    /// One of `elements`, which are not empty, each as likely as another.
    public mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    /// The elements in an order drawn evenly of all: from the first place on, each is swapped with one that is drawn of
    /// those not yet placed, itself included (Fisher and Yates, 1938; Durstenfeld, 1964, "Algorithm 235").
    public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for place in elements.indices.dropLast() {
            elements.swapAt(place, place + below(elements.count - place))
        }
        return elements
    }
}
