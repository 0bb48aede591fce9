import CKernels

/// How the pixels along one axis of a resized image follow from those of the original: a triangle filter.
///
/// As Pillow's `Image.resize` with `BILINEAR` and torchvision's with `antialias=True`: the filter reaches one pixel of the
/// larger of the two images to each side, so that it averages where the image becomes smaller and interpolates where it
/// becomes larger. Weights are in units of 2⁻²², as there.
struct ResamplingAxis {
    private(set) var count = 0
    /// How many pixels of the original a pixel follows from, weights of zero included.
    private(set) var taps = 0
    /// The first of them, for each pixel.
    private(set) var starts: [Int32] = []
    /// [count, taps].
    private(set) var weights: [Int32] = []
    /// Whether each pixel is one of the original, in the same order and side by side.
    private(set) var isCopy = false

    /// The part of the original that is read.
    var range: Range<Int> {
        let first = min(starts[0], starts[count - 1]), last = max(starts[0], starts[count - 1])
        return Int(first)..<Int(last) + taps
    }

    /// Bytes that are held.
    var capacity: Int { (starts.capacity + weights.capacity + bounds.capacity) * MemoryLayout<Int32>.size }

    /// For each pixel, how many pixels of the original have a weight.
    private var bounds: [Int32] = []
    private var exact: [Double] = []

    /// - Parameters:
    ///   - start: where the part of the original that is resized begins.
    ///   - length: how long it is.
    ///   - size: pixels of the original.
    ///   - count: pixels that the part is resized to.
    ///   - mirrored: whether the order is reversed.
    mutating func set(from start: Double, length: Double, of size: Int, to count: Int, mirrored: Bool) {
        let scale = length / Double(count), stretch = max(scale, 1)
        self.count = count
        isCopy = scale == 1 && start == start.rounded() && !mirrored
        starts.removeAll(keepingCapacity: true)
        bounds.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
        if isCopy {
            // The filter would add a neighbour with a weight of zero, which may be outside of what is asked for.
            taps = 1
            for index in 0..<count {
                starts.append(Int32(start) + Int32(index))
                weights.append(1 << ONEPATH_WEIGHT_BITS)
            }
            return
        }
        for index in 0..<count {
            let center = center(of: mirrored ? count - 1 - index : index)
            let first = min(max(Int(center - stretch + 0.5), 0), size - 1)
            let end = max(min(Int(center + stretch + 0.5), size), first + 1)
            starts.append(Int32(first))
            bounds.append(Int32(end - first))
        }
        taps = Int(bounds.max()!)
        for index in 0..<count {
            let center = center(of: mirrored ? count - 1 - index : index)
            exact.removeAll(keepingCapacity: true)
            var sum = 0.0
            for pixel in 0..<Int(bounds[index]) {
                let distance = abs((Double(pixel) + Double(starts[index]) - center + 0.5) * (1 / stretch))
                exact.append(max(0, 1 - distance))
                sum += exact[pixel]
            }
            // Before the first pixel where there is no room behind the last.
            let behind = min(taps - exact.count, size - Int(starts[index]) - exact.count)
            let before = taps - exact.count - behind
            starts[index] -= Int32(before)
            for _ in 0..<before { weights.append(0) }
            for weight in exact {
                weights.append(Int32(0.5 + (sum > 0 ? weight / sum : 1) * Double(1 << ONEPATH_WEIGHT_BITS)))
            }
            for _ in 0..<behind { weights.append(0) }
        }

        /// Where the middle of a pixel lies in the original.
        func center(of index: Int) -> Double { start + (Double(index) + 0.5) * scale }
    }
}
