import CKernels

/// A batch of channels-last images between two layers, [N, H, W, C], with the gradient of the loss with respect to
/// the next layer's input.
///
/// A plain map is read as stored. A normalised map holds a convolution's output; the reader applies batch
/// normalisation, ReLU and the gate on the fly, tile by tile, so that a tensor is written once and read once in each
/// direction. Its `gradient` is then with respect to the normalised values, before the scale: the producer turns it
/// into the gradient of its own output, again on the fly.
public final class FeatureMap {
    public let shape: Shape
    /// [N, H, W, C]; may be longer, where the memory is another map's.
    public let values: Storage
    /// [N, H, W, C]; may be shared with another map whose gradient is not alive at the same time.
    public let gradient: Storage
    /// Applied by the reader, together with ReLU or, where its ceiling is 6, ReLU6; nil for a plain map.
    public let normalization: BatchNormalization?
    /// A factor for each channel, [C], that multiplies what is read; nil where nothing is gated.
    public let gate: Storage?
    /// The gradient of the loss with respect to `gate`, [C], computed as if every channel were open.
    public let gateGradient: Storage?

    public var batch: Int { shape.batch }
    public var height: Int { shape.height }
    public var width: Int { shape.width }
    public var channels: Int { shape.channels }
    /// Pixels of the whole batch: N · H · W.
    public var rows: Int { shape.rows }
    /// The number of values, and of gradients.
    var count: Int { shape.count }
    /// The number of values that must also be read to turn `gradient` into the gradient of `values`.
    var valuesOfGradient: Int { normalization == nil ? 0 : count }

    let context: ExecutionContext
    private let ones: Storage?

    /// - Parameters:
    ///   - shape: N, H, W and C, all at least 1.
    ///   - normalization: what the reader applies; nil for a plain map.
    ///   - gated: whether a gate multiplies what is read. Only a normalised map can be gated, and none with a ceiling.
    ///   - values: memory to use for the values, at least N · H · W · C of them; nil to allocate.
    ///   - gradient: memory to use for the gradient, as many values; nil to allocate.
    ///   - context: what the layers of the network share.
    public init(
        shape: Shape, normalization: BatchNormalization? = nil, gated: Bool = false, values: Storage? = nil,
        gradient: Storage? = nil, context: ExecutionContext
    ) {
        let channels = shape.channels, count = shape.count
        require(
            min(shape.batch, shape.height, shape.width, channels) > 0,
            "FeatureMap: sides must be positive, got \(shape)")
        require(
            normalization == nil || normalization!.channels == channels,
            "FeatureMap: \(channels) channels but normalisation of \(normalization?.channels ?? 0)")
        require(!gated || normalization != nil, "FeatureMap: only a normalised map can be gated")
        // The gate goes into the coefficients before ReLU, which a ceiling does not allow.
        require(
            !gated || normalization!.ceiling == .infinity, "FeatureMap: a map that is read through ReLU6 cannot be gated")
        self.shape = shape
        self.normalization = normalization
        self.context = context
        func memory(_ given: Storage?) -> Storage {
            guard let given else { return Storage(count: count) }
            require(given.count >= count, "FeatureMap: memory of \(given.count) values, needs \(count)")
            return given
        }
        self.values = memory(values)
        self.gradient = memory(gradient)
        gate = gated ? Storage(count: Self.period(of: channels)) : nil
        gateGradient = gated ? Storage(count: channels) : nil
        gate?.fill(1)
        ones = normalization == nil ? nil : Storage(count: Self.period(of: channels))
        ones?.fill(1)
    }

    /// The length after which per-channel coefficients repeat in whole vectors: lcm(channels, lanes).
    static func period(of channels: Int) -> Int {
        let lanes = Int(ONEPATH_LANES)
        var a = channels, b = lanes
        while b != 0 { (a, b) = (b, a % b) }
        return channels / a * lanes
    }

    /// Repeats the first `channels` values over the rest.
    static func fillPeriod(_ storage: Storage, channels: Int) {
        var at = channels
        while at < storage.count {
            storage.pointer[at] = storage.pointer[at - channels]
            at += 1
        }
    }

    /// Opens and closes channels: `open[c]` multiplies channel c.
    public func setGate(_ open: [Float]) {
        require(open.count == channels, "FeatureMap.setGate: \(channels) channels, got \(open.count) factors")
        writeGate { open[$0] }
    }

    /// Opens the first so many channels, and closes the others.
    public func openGate(ofFirst count: Int) {
        require((0...channels).contains(count), "FeatureMap.openGate: \(channels) channels, got \(count)")
        writeGate { $0 < count ? 1 : 0 }
    }

    private func writeGate(_ factor: (_ channel: Int) -> Float) {
        guard let gate else { fatalError("FeatureMap: this map has no gate to open or close") }
        for channel in 0..<channels { gate.pointer[channel] = factor(channel) }
        Self.fillPeriod(gate, channels: channels)
    }

    /// The values of rows.
    func values(of rows: Range<Int>) -> UnsafeBufferPointer<Float> { part(of: values, rows: rows) }

    /// The gradient of rows.
    func gradient(of rows: Range<Int>) -> UnsafeBufferPointer<Float> { part(of: gradient, rows: rows) }

    private func part(of storage: Storage, rows: Range<Int>) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: storage.pointer + rows.lowerBound * channels, count: rows.count * channels)
    }

    // MARK: Forward, as the producer

    /// Before the producer's threads write.
    func beginWriting(training: Bool) {
        if training { normalization?.clearSums() }
    }

    /// The row of a pixel in the middle of the first image: batch statistics are computed about its values.
    var middleRow: Int { height / 2 * width + width / 2 }

    /// Computes the shift of the batch statistics as a matrix product, `left` (1 × inner) · `weights` (inner × C). Called in
    /// training, before the producer's threads write.
    func writeShift(product left: UnsafePointer<Float>, by weights: Matrix) {
        guard let normalization else { return }
        var product = onepath_product(
            rows: 1, columns: channels, inner: weights.rows, a: left, a_row: weights.rows, a_inner: 1, b: weights.pointer,
            b_row: channels, c: normalization.shift.pointer, c_row: channels, accumulate: 0, ahead: nil, ahead_count: 0)
        context.kernels.product(&product)
    }

    /// Writes rows as a matrix product, `left` (rows × inner) · `weights` (inner × C), and adds up their statistics in
    /// its epilogue.
    ///
    /// - Parameter ahead: the memory to prefetch, which is read next.
    func write(
        rows: Range<Int>, product left: UnsafePointer<Float>, by weights: Matrix, training: Bool, thread: Int,
        ahead: UnsafeBufferPointer<Float> = UnsafeBufferPointer(start: nil, count: 0)
    ) {
        var product = onepath_product(
            rows: rows.count, columns: channels, inner: weights.rows, a: left, a_row: weights.rows, a_inner: 1,
            b: weights.pointer, b_row: channels, c: values.pointer + rows.lowerBound * channels, c_row: channels, accumulate: 0,
            ahead: ahead.baseAddress, ahead_count: ahead.count)
        if training, let normalization {
            context.kernels.product_moments(
                &product, normalization.shift.pointer, normalization.sum(thread), normalization.secondSum(thread))
        } else {
            context.kernels.product(&product)
        }
    }

    /// After all threads have written: the coefficients for reading.
    func finishWriting(training: Bool) {
        if training {
            normalization?.finishForward(count: rows, gate: gate)
        } else {
            normalization?.prepareEvaluation(gate: gate)
        }
    }

    // MARK: Forward, as the consumer

    /// The rows as the next layer sees them: in place where the map is plain, else in `scratch`.
    func read(rows: Range<Int>, scratch: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
        let source = values.pointer + rows.lowerBound * channels
        guard let normalization else { return UnsafePointer(source) }
        context.kernels.affine(
            rows.count * channels, normalization.period, source, normalization.readScale.pointer,
            normalization.readOffset.pointer, 1, normalization.ceiling, scratch)
        return UnsafePointer(scratch)
    }

    // MARK: Backward, as the consumer

    /// Before the consumer's threads write gradients.
    func beginGradient() { normalization?.clearSums() }

    /// Computes the gradient of what was read as a matrix product, `left` (rows × inner) · `weights` (inner × C). A
    /// plain map stores it, or adds it to the stored one; a normalised map stores the gradient of the normalised
    /// values.
    ///
    /// - Parameter ahead: the memory to prefetch, which is read next.
    func writeGradient(
        rows: Range<Int>, product left: UnsafePointer<Float>, by weights: Matrix, accumulates: Bool, thread: Int,
        ahead: UnsafeBufferPointer<Float>
    ) {
        let at = rows.lowerBound * channels
        var product = onepath_product(
            rows: rows.count, columns: channels, inner: weights.rows, a: left, a_row: weights.rows, a_inner: 1,
            b: weights.pointer, b_row: channels, c: gradient.pointer + at, c_row: channels, accumulate: accumulates ? 1 : 0,
            ahead: ahead.baseAddress, ahead_count: ahead.count)
        if let normalization {
            var coefficients = kernelNormalization!
            context.kernels.product_relu_backward(
                &product, values.pointer + at, &coefficients, normalization.sum(thread), normalization.secondSum(thread),
                normalization.gateSum(thread))
        } else {
            context.kernels.product(&product)
        }
    }

    /// Turns the gradient of what was read into that of the normalised values, and stores it.
    func writeGradient(_ incoming: UnsafePointer<Float>, rows: Range<Int>, thread: Int) {
        guard let normalization else {
            fatalError("FeatureMap.writeGradient: a plain map's gradient is written in place")
        }
        var coefficients = kernelNormalization!
        context.kernels.relu_backward(
            rows.count * channels, normalization.period, incoming, values.pointer + rows.lowerBound * channels,
            &coefficients, gradient.pointer + rows.lowerBound * channels, normalization.sum(thread),
            normalization.secondSum(thread), normalization.gateSum(thread))
    }

    /// After all threads have written gradients.
    func finishGradient() {
        guard let normalization else { return }
        normalization.finishBackward(count: rows)
        if let gateGradient { normalization.collectGateGradient(into: gateGradient) }
    }

    /// The coefficients in the form of the kernels; nil for a plain map.
    var kernelNormalization: onepath_normalization? {
        guard let normalization else { return nil }
        return onepath_normalization(
            inverse_deviation: normalization.inverseDeviation.pointer, negative_mean: normalization.negativeMean.pointer,
            scale: normalization.weightValues.pointer, offset: normalization.biasValues.pointer,
            gate: (gate ?? ones!).pointer, ceiling: normalization.ceiling)
    }

    // MARK: Backward, as the producer

    /// The gradient of the values that the producer wrote: in place where the map is plain, else in `scratch`.
    func readGradient(rows: Range<Int>, scratch: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
        let source = gradient.pointer + rows.lowerBound * channels
        guard let normalization else { return UnsafePointer(source) }
        context.kernels.combine(
            rows.count * channels, normalization.period, source, values.pointer + rows.lowerBound * channels,
            normalization.gradientA.pointer, normalization.gradientB.pointer, normalization.gradientC.pointer, scratch)
        return UnsafePointer(scratch)
    }
}
