import Architectures

/// The same numbers for the same seed, with every toolchain, so that a failure can be repeated.
public struct SeededRandom {
    private var words: SplitMix64

    public init(seed: UInt64) { words = SplitMix64(seed: seed) }

    /// 64 random bits.
    public mutating func next() -> UInt64 { words.next() }

    /// A whole number in 0..<bound.
    public mutating func below(_ bound: Int) -> Int { words.below(bound) }

    /// A whole number of a range.
    public mutating func integer(in range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// A byte of a range.
    public mutating func byte(in range: ClosedRange<UInt8>) -> UInt8 { range.lowerBound + UInt8(below(range.count)) }

    public mutating func bool() -> Bool { below(2) == 1 }

    /// One of `elements`, which are not empty.
    public mutating func element<Elements: RandomAccessCollection>(of elements: Elements) -> Elements.Element {
        elements[elements.index(elements.startIndex, offsetBy: below(elements.count))]
    }

    /// One of `elements`; nil where there is none.
    public mutating func elementIfAny<Elements: RandomAccessCollection>(of elements: Elements) -> Elements.Element? {
        elements.isEmpty ? nil : element(of: elements)
    }

    /// A number from 0 up to 1, a multiple of 2⁻⁵³.
    public mutating func unit() -> Double { Double(below(1 << 53)) * 0x1p-53 }

    /// A number from -1 to 1, a multiple of 2⁻⁵².
    public mutating func value() -> Double { Double(below(1 << 53 + 1)) * 0x1p-52 - 1 }
}
