import Architectures

/// How the kernels of a runtime process an operator, as far as their time depends on shapes alone.
///
/// The micro-kernels are described by the tile of outputs that they keep in registers. A map or a matrix that is no
/// multiple of the tile costs as much as the next multiple.
struct RuntimeKernels: Hashable, Sendable {
    /// Pixels and output channels of a matrix product's register tile.
    let productPixels, productChannels: Int
    /// After so many values of the inner dimension the tile is written to memory and read again; nil for never.
    let productDepthBlock: Int?
    /// Whether inputs and weights are packed into tiles before every product.
    let repacksProducts: Bool
    /// Channels of a depthwise convolution's register tile.
    let depthwiseChannels: Int
    /// Vectors loaded and stored for each vector of multiply-adds of a depthwise window.
    let depthwiseVectorsPerTap: Double
    /// Whether window places outside of the map are skipped; else they are computed with zeros.
    let clipsWindows: Bool

    init(_ name: Runtime.Name) {
        switch name {
        case .tflite:
            // Eigen's block-panel kernel for 64-bit Arm keeps three vectors of channels by four pixels, in blocks of
            // the inner dimension that its first-level cache of 32 KiB allows. The depthwise kernel loads an input,
            // a weight and an accumulator, and stores the accumulator.
            productPixels = 4
            productChannels = 12
            productDepthBlock = 508
            repacksProducts = true
            depthwiseChannels = 1
            depthwiseVectorsPerTap = 4
            clipsWindows = true
        case .xnnpack:
            // Products of 4 pixels by 8 channels on unpacked maps, through pointers; depthwise windows in registers,
            // with pointers to zeros outside of the map (Dukhan, 2019, arXiv:1907.02129).
            productPixels = 4
            productChannels = 8
            productDepthBlock = nil
            repacksProducts = false
            depthwiseChannels = 4
            depthwiseVectorsPerTap = 2
            clipsWindows = false
        case .ncnn:
            // Products of 8 pixels by 4 or 8 channels on maps whose channels are packed by as many. Only its traffic and
            // its padding are taken from here; its times are those of `PartTimes`.
            productPixels = 8
            productChannels = 4
            productDepthBlock = nil
            repacksProducts = false
            depthwiseChannels = 4
            depthwiseVectorsPerTap = 2
            clipsWindows = false
        }
    }

    /// The pixels that a product is computed for; there are smaller kernels for a last tile with fewer.
    func paddedPixels(_ pixels: Int) -> Int { pixels < productPixels ? pixels : pixels.roundedUp(to: productPixels) }
}

extension RuntimeKernels {
    /// What an operator does to a map besides a product.
    struct Passes {
        /// How often every value is read and written.
        let reads, writes: Double
        /// Multiply-adds of a value.
        let steps: Double
    }

    /// The passes of a kind, which runtimes share.
    ///
    /// - Softmax finds the largest value of a row, sums the exponentials, which it writes, and scales them. An exponential
    ///   is a reduction of the range in two steps, a polynomial of the fifth degree, and a scaling by a power of two.
    /// - Layer normalisation finds a mean, then a deviation, then writes.
    /// - A function of a value such as GELU takes about twice an exponential: a rational function and a division.
    /// - Interpolation reads four values for each that it writes.
    /// - A change of type is a multiplication, a rounding and two limits.
    static func passes(of kind: Operator.Kind) -> Passes {
        switch kind {
        case .softmax: Passes(reads: 3, writes: 2, steps: 10)
        case .layerNormalization: Passes(reads: 3, writes: 1, steps: 4)
        case .resize: Passes(reads: 4, writes: 1, steps: 4)
        case .function: Passes(reads: 1, writes: 1, steps: 20)
        case .convert: Passes(reads: 1, writes: 1, steps: 4)
        default: Passes(reads: 1, writes: 1, steps: 1)
        }
    }
}

extension Int {
    /// This number rounded up to a multiple of `unit`.
    func roundedUp(to unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
