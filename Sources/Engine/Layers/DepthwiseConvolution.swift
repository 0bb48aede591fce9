import CKernels

/// A depthwise convolution: each channel has its own k×k kernel.
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
    public let window: ConvolutionWindow
    public var kernelSize: Int { window.kernelSize }
    public var stride: Int { window.stride }
    /// The size of the kernel's centre outside of which all taps are zero; the forward pass skips those. Gradients are
    /// computed for all taps.
    public var usedKernelSize: Int {
        didSet {
            require(
                usedKernelSize % 2 == 1 && (1...kernelSize).contains(usedKernelSize),
                "DepthwiseConvolution \(kernel.name): no centre of \(usedKernelSize) in a kernel of \(kernelSize)")
        }
    }
    /// Whether the input's gradient is added to what its memory holds (the gradient of a shortcut) instead of
    /// replacing it. Only for a plain input.
    public let accumulatesInputGradient: Bool
    public var parameters: [Parameter] { [kernel] + (output.normalization.map { [$0.weight, $0.bias] } ?? []) }

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
        name: String, input: FeatureMap, output: FeatureMap, window: ConvolutionWindow,
        accumulatesInputGradient: Bool = false, context: ExecutionContext
    ) {
        let kernelSize = window.kernelSize, stride = window.stride
        require(
            kernelSize % 2 == 1 && (1...31).contains(kernelSize),
            "DepthwiseConvolution \(name): kernel \(kernelSize) is not odd and at most 31")
        require((1...2).contains(stride), "DepthwiseConvolution \(name): stride \(stride) is not 1 or 2")
        require(
            output.shape == window.output(for: input.shape, channels: input.channels),
            "DepthwiseConvolution \(name): input \(input.shape) at stride \(stride) does not make output \(output.shape)")
        require(input.gate == nil, "DepthwiseConvolution \(name): a gated input is not supported")
        require(
            !accumulatesInputGradient || input.normalization == nil,
            "DepthwiseConvolution \(name): only a plain input's gradient can be added to")
        self.input = input
        self.accumulatesInputGradient = accumulatesInputGradient
        self.output = output
        self.window = window
        usedKernelSize = kernelSize
        self.context = context
        order = context.nextOrder()
        kernel = Parameter(name: name, shape: [kernelSize, kernelSize, input.channels])

        let lanes = Int(ONEPATH_LANES)
        let vectors = (input.channels + lanes - 1) / lanes
        // The rows of up to four vectors fit in the second-level cache at any width of a phone network. A much smaller
        // last group would use too little of every cache line that it loads.
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

    /// The centre of the kernel, with zeros for the channels that pad a group: their results are added to the sums of
    /// other channels.
    private func pack(size: Int) {
        let border = (kernelSize - size) / 2
        for group in groups {
            let channels = Int(group.shape.channels), padded = Int(group.shape.padded)
            var to = packed.pointer + size * size * group.first
            for row in border..<border + size {
                for column in border..<border + size {
                    to.update(
                        from: kernel.value.pointer + (row * kernelSize + column) * input.channels + group.first,
                        count: channels)
                    (to + channels).update(repeating: 0, count: padded - channels)
                    to += padded
                }
            }
        }
    }

    /// Channels of one image.
    private struct Unit {
        /// Also contains the distance to the next unit.
        var shape: onepath_depthwise
        let first: Int
        /// The offsets of its first values in the maps.
        let inputAt, outputAt: Int
    }

    /// Calls `body` with each unit of one thread's share.
    ///
    /// The loop uses only values and pointers: each use of an object counts its references, and threads that count the
    /// same object wait for each other.
    @inline(__always)
    private func forEachUnit(of thread: Int, _ order: Tile.Order, kernel size: Int, _ body: (Unit) -> Void) {
        let share = context.pool.share(of: input.batch * groups.count, for: thread)
        let inputImage = input.height * input.width * input.channels
        let outputImage = output.height * output.width * output.channels
        groups.withUnsafeBufferPointer { groups in
            func unit(_ index: Int) -> Unit {
                let (image, group) = index.quotientAndRemainder(dividingBy: groups.count)
                var shape = groups[group].shape
                shape.kernel = Int32(size)
                let first = groups[group].first
                return Unit(
                    shape: shape, first: first, inputAt: image * inputImage + first, outputAt: image * outputImage + first)
            }
            Tile.forEach(in: share, rows: 1, order) { index, following in
                var this = unit(index.lowerBound)
                if let following = following.first {
                    let next = unit(following)
                    this.shape.next_input = next.inputAt - this.inputAt
                    this.shape.next_output = next.outputAt - this.outputAt
                }
                body(this)
            }
        }
    }

    public func forward(training: Bool) {
        isTraining = training
        pack(size: usedKernelSize)
        output.beginWriting(training: training)
        if training { writeShift() }
        context.pool.run(forwardPass)
        output.finishWriting(training: training)
    }

    /// Before the threads write, in training: what the statistics are taken about, the output's `middleRow`.
    ///
    /// It is computed as the last row of a lower image that ends with what that row sees, and that begins so far above it
    /// that it does not see the beginning. The rows before it are wrong, and are written again by the threads.
    private func writeShift() {
        guard let normalization = output.normalization else { return }
        let size = usedKernelSize, pad = size / 2
        let row = output.height / 2, before = min(row, (pad + stride - 1) / stride)
        let top = (row - before) * stride
        let inputs = input.values.pointer + top * input.width * input.channels, outputs = output.values.pointer
        let scale = input.normalization?.readScale.pointer, offset = input.normalization?.readOffset.pointer
        let ceiling = input.normalization?.ceiling ?? .infinity
        for group in groups {
            var shape = group.shape
            shape.kernel = Int32(size)
            shape.height = Int32(min(input.height - top, before * stride + pad + 1))
            shape.output_height = Int32(before + 1)
            let first = group.first
            context.kernels.depthwise_forward(
                &shape, inputs + first, scale.map { $0 + first }, offset.map { $0 + first }, ceiling,
                packed.pointer + size * size * first, outputs + first, nil, nil, nil, context.scratch(for: 0))
        }
        normalization.shift.pointer.update(
            from: outputs + (before * output.width + output.width / 2) * output.channels, count: output.channels)
    }

    private lazy var forwardPass = SharedWork { [unowned self] in passForward($0) }

    private func passForward(_ thread: Int) {
        let taps = usedKernelSize * usedKernelSize
        let scratch = context.scratch(for: thread)
        let convolve = context.kernels.depthwise_forward!
        let inputs = input.values.pointer, outputs = output.values.pointer, weights = packed.pointer
        let scale = input.normalization?.readScale.pointer, offset = input.normalization?.readOffset.pointer
        let ceiling = input.normalization?.ceiling ?? .infinity
        let written = isTraining ? output.normalization : nil
        let shift = written?.shift.pointer, sum = written?.sum(thread), secondSum = written?.secondSum(thread)
        forEachUnit(of: thread, order, kernel: usedKernelSize) { unit in
            var shape = unit.shape
            let first = unit.first
            convolve(
                &shape, inputs + unit.inputAt, scale.map { $0 + first }, offset.map { $0 + first }, ceiling,
                weights + taps * first, outputs + unit.outputAt, shift.map { $0 + first }, sum.map { $0 + first },
                secondSum.map { $0 + first }, scratch)
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

    private lazy var backwardPass = SharedWork { [unowned self] in passBackward($0) }

    private func passBackward(_ thread: Int) {
        let taps = kernelSize * kernelSize
        let scratch = context.scratch(for: thread)
        let convolve = context.kernels.depthwise_backward!
        let inputs = input.values.pointer, inputGradients = input.gradient.pointer
        let outputs = output.values.pointer, outputGradients = output.gradient.pointer
        let weights = packed.pointer, weightGradients = scratch + partialOffset
        let accumulates: Int32 = accumulatesInputGradient ? 1 : 0
        let read = input.normalization, written = output.normalization
        let coefficients = input.kernelNormalization
        let scale = read?.readScale.pointer, offset = read?.readOffset.pointer
        let sum = read?.sum(thread), secondSum = read?.secondSum(thread)
        let a = written?.gradientA.pointer, b = written?.gradientB.pointer, c = written?.gradientC.pointer
        weightGradients.update(repeating: 0, count: packed.count)
        forEachUnit(of: thread, order.opposite, kernel: kernelSize) { unit in
            var shape = unit.shape
            let first = unit.first
            func run(_ normalization: UnsafePointer<onepath_normalization>?) {
                convolve(
                    &shape, inputs + unit.inputAt, normalization, scale.map { $0 + first }, offset.map { $0 + first },
                    outputGradients + unit.outputAt, outputs + unit.outputAt, a.map { $0 + first }, b.map { $0 + first },
                    c.map { $0 + first }, weights + taps * first, weightGradients + taps * first,
                    inputGradients + unit.inputAt, accumulates, sum.map { $0 + first }, secondSum.map { $0 + first },
                    scratch)
            }
            if var coefficients {
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
