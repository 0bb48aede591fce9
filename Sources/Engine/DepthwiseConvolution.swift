import CKernels

/// A depthwise convolution: each channel with a k×k kernel of its own.
///
/// - Input: [N, H, W, C]; output: [N, ⌈H/s⌉, ⌈W/s⌉, C]; kernel: [k, k, C], k odd, stride s 1 or 2, padding k/2 on
///   every side.
///
/// The input is read through its normalisation, row by row, and both gradients are made in one pass.
public final class DepthwiseConvolution: Layer {
    public let input: FeatureMap
    public let output: FeatureMap
    /// [k, k, C].
    public let kernel: Parameter
    public let kernelSize: Int
    public let stride: Int
    /// The size of the kernel's middle outside of which all taps are zero, which the forward pass then leaves out. The
    /// gradients are those of all taps.
    public var usedKernelSize: Int {
        didSet {
            require(
                usedKernelSize % 2 == 1 && (1...kernelSize).contains(usedKernelSize),
                "DepthwiseConvolution \(kernel.name): no middle of \(usedKernelSize) in a kernel of \(kernelSize)")
        }
    }
    /// Whether the input's gradient is added to what its memory holds (the gradient of a shortcut) instead of
    /// replacing it. Only for a plain input.
    public let accumulatesInputGradient: Bool
    public var parameters: [Parameter] { [kernel] + (output.normalization.map { [$0.scale, $0.offset] } ?? []) }

    public var kind: LayerKind { .depthwise }
    private var macs: Int { output.count * kernelSize * kernelSize }
    public var forwardWork: Work { Work(macs: macs, values: input.count + output.count + kernel.value.count) }
    public var backwardWork: Work {
        let added = accumulatesInputGradient ? input.count : 0
        return Work(
            macs: 2 * macs,
            values: 2 * input.count + added + output.count + output.valuesOfGradient + 2 * kernel.value.count)
    }

    private let context: ExecutionContext
    private let order: Tile.Order
    private var isTraining = false
    private let groups: [Group]
    /// The kernel, group by group, with channels padded to whole vectors.
    private let packed: Storage
    private let packedGradient: Storage
    private let partialOffset: Int

    /// Channels that are convolved together.
    private struct Group {
        /// The first of them, a multiple of the channels of a vector.
        let first: Int
        var shape: onepath_depthwise
    }

    public init(
        name: String, input: FeatureMap, output: FeatureMap, kernelSize: Int, stride: Int,
        accumulatesInputGradient: Bool = false, context: ExecutionContext
    ) {
        require(kernelSize % 2 == 1 && (1...31).contains(kernelSize), "DepthwiseConvolution \(name): kernel \(kernelSize) is not odd and at most 31")
        require((1...2).contains(stride), "DepthwiseConvolution \(name): stride \(stride) is not 1 or 2")
        require(
            output.shape == [input.batch, (input.height + stride - 1) / stride, (input.width + stride - 1) / stride, input.channels],
            "DepthwiseConvolution \(name): input \(input.shape) at stride \(stride) does not make output \(output.shape)")
        require(input.gate == nil, "DepthwiseConvolution \(name): a gated input is not supported")
        require(
            !accumulatesInputGradient || input.normalization == nil,
            "DepthwiseConvolution \(name): only a plain input's gradient can be added to")
        self.input = input
        self.accumulatesInputGradient = accumulatesInputGradient
        self.output = output
        self.kernelSize = kernelSize
        usedKernelSize = kernelSize
        self.stride = stride
        self.context = context
        order = context.nextOrder()
        kernel = Parameter(name: name, shape: [kernelSize, kernelSize, input.channels])

        let lanes = Int(ONEPATH_LANES)
        let vectors = (input.channels + lanes - 1) / lanes
        // Up to four vectors keep their rows in the second-level cache at any width a phone network has; a group that is
        // much smaller than the others would read less of every pixel than is worth its way.
        let count = (vectors + 3) / 4
        var groups: [Group] = []
        var scratch = 0
        for index in 0..<count {
            let first = vectors * index / count * lanes, padded = vectors * (index + 1) / count * lanes - first
            var shape = onepath_depthwise(
                height: Int32(input.height), width: Int32(input.width), output_height: Int32(output.height),
                output_width: Int32(output.width), kernel: Int32(kernelSize), stride: Int32(stride),
                channels: Int32(min(padded, input.channels - first)), padded: Int32(padded),
                channel_stride: Int32(input.channels), next_input: 0, next_output: 0)
            scratch = max(scratch, onepath_depthwise_scratch(&shape))
            groups.append(Group(first: first, shape: shape))
        }
        self.groups = groups
        let packedCount = kernelSize * kernelSize * vectors * lanes
        packed = Storage(count: packedCount)
        packedGradient = Storage(count: packedCount)
        partialOffset = scratch
        context.reserveScratch(scratch + packedCount)
    }

    /// The middle of the kernel.
    private func pack(size: Int) {
        let border = (kernelSize - size) / 2
        for group in groups {
            var to = packed.pointer + size * size * group.first
            for row in border..<border + size {
                for column in border..<border + size {
                    to.update(
                        from: kernel.value.pointer + (row * kernelSize + column) * input.channels + group.first,
                        count: Int(group.shape.channels))
                    to += Int(group.shape.padded)
                }
            }
        }
    }

    /// A group of one image.
    private struct Unit {
        let group: Group
        /// Where its first values are in the maps.
        let inputAt, outputAt: Int
    }

    private func unit(_ index: Int) -> Unit {
        let (image, group) = index.quotientAndRemainder(dividingBy: groups.count), first = groups[group].first
        return Unit(group: groups[group], inputAt: image * inputImage + first, outputAt: image * outputImage + first)
    }

    /// Calls `body` with each unit of one thread's share, and its shape, which says where the next one is.
    private func forEachUnit(of thread: Int, _ order: Tile.Order, _ body: (_ unit: Unit, _ shape: onepath_depthwise) -> Void) {
        let share = context.pool.share(of: input.batch * groups.count, for: thread)
        Tile.forEach(in: share, rows: 1, order) { index, following in
            let this = unit(index.lowerBound)
            var shape = this.group.shape
            if let following = following.first {
                let next = unit(following)
                shape.next_input = next.inputAt - this.inputAt
                shape.next_output = next.outputAt - this.outputAt
            }
            body(this, shape)
        }
    }

    private var inputImage: Int { input.height * input.width * input.channels }
    private var outputImage: Int { output.height * output.width * output.channels }

    public func forward(training: Bool) {
        isTraining = training
        pack(size: usedKernelSize)
        output.beginWriting(training: training)
        context.pool.run(forwardPass)
        output.finishWriting(training: training)
    }

    private lazy var forwardPass = SharedWork { [unowned self] thread in
        let taps = usedKernelSize * usedKernelSize
        let scratch = context.scratch(for: thread)
        forEachUnit(of: thread, order) { unit, shape in
            var shape = shape
            shape.kernel = Int32(usedKernelSize)
            let first = unit.group.first
            let statistics = isTraining ? output.normalization : nil
            context.kernels.depthwise_forward(
                &shape, input.values.pointer + unit.inputAt,
                input.normalization.map { UnsafePointer($0.readScale.pointer + first) },
                input.normalization.map { UnsafePointer($0.readOffset.pointer + first) },
                packed.pointer + taps * first, output.values.pointer + unit.outputAt,
                statistics.map { $0.sum(thread) + first }, statistics.map { $0.secondSum(thread) + first }, scratch)
        }
    }

    public func backward() {
        if usedKernelSize < kernelSize { pack(size: kernelSize) }
        let taps = kernelSize * kernelSize
        input.beginGradient()
        context.pool.run(backwardPass)
        context.sumScratch(at: partialOffset, into: packedGradient)
        for group in groups {
            for tap in 0..<taps {
                (kernel.gradient.pointer + tap * input.channels + group.first).update(
                    from: packedGradient.pointer + taps * group.first + tap * Int(group.shape.padded),
                    count: Int(group.shape.channels))
            }
        }
        input.finishGradient()
    }

    private lazy var backwardPass = SharedWork { [unowned self] thread in
        let taps = kernelSize * kernelSize
        let scratch = context.scratch(for: thread)
        let weightGradient = scratch + partialOffset
        weightGradient.update(repeating: 0, count: packed.count)
        forEachUnit(of: thread, order.opposite) { unit, shape in
            var shape = shape
            let first = unit.group.first, inputAt = unit.inputAt, outputAt = unit.outputAt
            func run(_ normalization: UnsafePointer<onepath_normalization>?) {
                let read = input.normalization, written = output.normalization
                context.kernels.depthwise_backward(
                    &shape, input.values.pointer + inputAt, normalization,
                    read.map { UnsafePointer($0.readScale.pointer + first) },
                    read.map { UnsafePointer($0.readOffset.pointer + first) },
                    output.gradient.pointer + outputAt, output.values.pointer + outputAt,
                    written.map { UnsafePointer($0.gradientA.pointer + first) },
                    written.map { UnsafePointer($0.gradientB.pointer + first) },
                    written.map { UnsafePointer($0.gradientC.pointer + first) },
                    packed.pointer + taps * first, weightGradient + taps * first,
                    input.gradient.pointer + inputAt, accumulatesInputGradient ? 1 : 0,
                    read.map { $0.sum(thread) + first }, read.map { $0.secondSum(thread) + first }, scratch)
            }
            if var coefficients = input.kernelNormalization {
                coefficients.inverse_deviation += first
                coefficients.negative_mean += first
                coefficients.scale += first
                coefficients.offset += first
                coefficients.gate += first
                run(&coefficients)
            } else {
                run(nil)
            }
        }
    }
}
