import Architectures

/// The elements of a superkernel, [K, K, C], that belong to one part of the layer: those whose norm decides, and the
/// taps and channels that the part opens.
struct SuperkernelPart {
    /// Channels of one tap; taps are counted row by row.
    struct Span {
        let tap: Int
        let channels: Range<Int>
    }

    /// The elements of the shared kernel whose norm decides. A slice has those of the smallest kernel, which are in use
    /// whatever the shells: with the others, a shell that closes or opens would move the norms of all slices.
    let norm: [Span]
    let normCount: Int
    /// Taps that are zero while the part is off.
    let taps: [Span]
    /// Hidden channels that are closed while it is off.
    let channels: Range<Int>
    /// Whether the whole branch is closed instead.
    let isLayer: Bool

    private init(norm: [Span], taps: [Span] = [], channels: Range<Int> = 0..<0, isLayer: Bool = false) {
        self.norm = norm
        normCount = norm.reduce(0) { $0 + $1.channels.count }
        self.taps = taps
        self.channels = channels
        self.isLayer = isLayer
    }

    /// The parts of a layer, in the order of its indicators.
    static func parts(of layer: SearchSpace.Layer) -> [SuperkernelPart] {
        let geometry = Geometry(layer)
        let smallest = layer.smallestSize, all = 0..<geometry.width(layer.largestSize.expansion)
        return layer.axes.flatMap { axis -> [SuperkernelPart] in
            switch axis {
            case .kernel(let sizes):
                // A shell: the taps of this size without those of the size before.
                return zip(sizes, sizes.dropFirst()).map { smaller, size in
                    let shell = geometry.spans(size, all, without: smaller)
                    return SuperkernelPart(norm: shell, taps: shell)
                }
            case .expansion(let ratios):
                return zip(ratios, ratios.dropFirst()).map { smaller, ratio in
                    let slice = geometry.width(smaller)..<geometry.width(ratio)
                    return SuperkernelPart(norm: geometry.spans(smallest.kernel, slice), channels: slice)
                }
            case .skip:
                let slice = 0..<geometry.width(smallest.expansion)
                return [SuperkernelPart(norm: geometry.spans(smallest.kernel, slice), isLayer: true)]
            case .block(let sizes):
                // The block without the one before: a shell around that block's channels, and further channels.
                return zip(sizes, sizes.dropFirst()).map { smaller, size in
                    let old = 0..<geometry.width(smaller.expansion), new = old.upperBound..<geometry.width(size.expansion)
                    let shell = geometry.spans(size.kernel, old, without: smaller.kernel)
                    return SuperkernelPart(norm: shell + geometry.spans(size.kernel, new), taps: shell, channels: new)
                }
            }
        }
    }

    /// The index geometry of a layer's superkernel.
    private struct Geometry {
        let side: Int
        let inputChannels: Int

        init(_ layer: SearchSpace.Layer) {
            side = layer.largestSize.kernel
            inputChannels = layer.input.channels
        }

        func width(_ expansion: Int) -> Int { expansion * inputChannels }

        /// The taps of a centred kernel without those of a smaller centred kernel.
        func spans(_ kernel: Int, _ channels: Range<Int>, without smaller: Int = 0) -> [Span] {
            guard !channels.isEmpty else { return [] }
            return (0..<side * side).compactMap { tap in
                let ring = 2 * max(abs(tap / side - side / 2), abs(tap % side - side / 2)) + 1
                return ring <= kernel && ring > smaller ? Span(tap: tap, channels: channels) : nil
            }
        }
    }
}
