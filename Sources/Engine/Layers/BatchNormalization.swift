import CKernels

/// Batch normalisation of the channels of a feature map (Ioffe and Szegedy, 2015), as the coefficients with
/// which the next layer reads the map: the normalised values are never stored.
///
/// For each channel, over the batch and all pixels, with the batch's mean μ and biased variance σ² in training
/// and their running averages in evaluation:
///
///     normalised = (value − μ) / √(σ² + eps),   output = weight · normalised + bias
///
/// Each step, the running averages move by 1 − momentum of the distance; they average the unbiased variance.
public final class BatchNormalization {
    /// Its place in the network, for example "stage1.2.expand_normalization".
    public let name: String
    /// Channels C.
    public let channels: Int
    /// The largest value of the ReLU that the reader of the map applies after it: 6 in ReLU6, infinity in plain ReLU.
    public let ceiling: Float
    /// Trained, [C], ones at first.
    public let weight: Parameter
    /// Trained, [C], zeros at first.
    public let bias: Parameter
    /// [C], zeros at first.
    public let runningMean: Storage
    /// [C], ones at first.
    public let runningVar: Storage

    /// The constants of the published mobile networks.
    public static let momentum: Float = 0.99
    /// The weight of a batch's mean and variance in the running averages: 1 − momentum, and larger during batch-norm
    /// recalibration and at the beginning of a training.
    public var runningWeight = 1 - BatchNormalization.momentum
    public static let eps: Float = 1e-3

    /// Per-channel coefficients, repeated over the period that the flat kernels need.
    let period: Int
    let inverseDeviation: Storage
    let negativeMean: Storage
    let weightValues: Storage
    let biasValues: Storage
    /// The coefficients for reading: min(relu(value · readScale + readOffset), ceiling), with the gate multiplied in.
    let readScale: Storage
    let readOffset: Storage
    /// The coefficients for backward: gradient · a + value · b + c.
    let gradientA: Storage
    let gradientB: Storage
    let gradientC: Storage

    /// What the sums of the forward pass are taken about: for each channel one of the batch's values, zeros after them.
    ///
    /// Sums of the values and of their squares as they are would lose the variance where the mean is large beside it, the
    /// one being the difference of nearly equal numbers (Chan, Golub and LeVeque, 1983, "Algorithms for computing the
    /// sample variance: analysis and recommendations"). A value of the batch is at most some σ away from the mean.
    let shift: Storage
    private let threads: Int
    /// For each thread: sum, second sum, gate gradient, each a period long.
    private let partials: Storage

    /// - Parameters:
    ///   - name: the prefix of its parameters' names.
    ///   - channels: C.
    ///   - ceiling: as the property.
    ///   - context: what the layers of the network share.
    public init(name: String, channels: Int, ceiling: Float = .infinity, context: ExecutionContext) {
        self.name = name
        self.ceiling = ceiling
        self.channels = channels
        // Weights files use these names.
        weight = Parameter(name: name + ".scale", shape: [channels], decays: false)
        bias = Parameter(name: name + ".offset", shape: [channels], decays: false)
        weight.value.fill(1)
        runningMean = Storage(count: channels)
        runningVar = Storage(count: channels)
        runningVar.fill(1)
        period = FeatureMap.period(of: channels)
        threads = context.pool.threads
        partials = Storage(count: threads * 3 * period)
        let count = period
        func coefficients() -> Storage { Storage(count: count) }
        inverseDeviation = coefficients()
        negativeMean = coefficients()
        weightValues = coefficients()
        biasValues = coefficients()
        readScale = coefficients()
        readOffset = coefficients()
        gradientA = coefficients()
        gradientB = coefficients()
        gradientC = coefficients()
        shift = coefficients()
    }

    /// One thread's first sum (of values − shift forward, of gradients backward).
    func sum(_ thread: Int) -> UnsafeMutablePointer<Float> { partials.pointer + thread * 3 * period }
    /// One thread's second sum (of squares forward, of gradient × normalised backward).
    func secondSum(_ thread: Int) -> UnsafeMutablePointer<Float> { sum(thread) + period }
    /// One thread's sum for the gradient of the gate.
    func gateSum(_ thread: Int) -> UnsafeMutablePointer<Float> { sum(thread) + 2 * period }

    /// Clears the sums before a pass in which the threads add to them.
    func clearSums() { partials.fill(0) }

    /// The sum over threads and over the repeats of the period, in a fixed order.
    private func total(_ channel: Int, _ which: Int) -> Double {
        var total = 0.0
        for thread in 0..<threads {
            var at = thread * 3 * period + which * period + channel
            let end = thread * 3 * period + (which + 1) * period
            while at < end {
                total += Double(partials.pointer[at])
                at += channels
            }
        }
        return total
    }

    /// Turns the sums about the shift of `count` values a channel into the coefficients of this batch, and moves the running
    /// averages.
    func finishForward(count: Int, gate: Storage?) {
        for channel in 0..<channels {
            let shifted = total(channel, 0) / Double(count), mean = Double(shift.pointer[channel]) + shifted
            // In this order, NaN stays what it is.
            let variance = max(total(channel, 1) / Double(count) - shifted * shifted, 0)
            let unbiased = count > 1 ? variance * Double(count) / Double(count - 1) : variance
            runningMean.pointer[channel] += runningWeight * (Float(mean) - runningMean.pointer[channel])
            runningVar.pointer[channel] += runningWeight * (Float(unbiased) - runningVar.pointer[channel])
            setCoefficients(channel, mean: mean, variance: variance, gate: gate)
        }
        repeatCoefficients()
    }

    /// The coefficients of evaluation, from the running averages.
    func prepareEvaluation(gate: Storage?) {
        for channel in 0..<channels {
            setCoefficients(
                channel, mean: Double(runningMean.pointer[channel]), variance: Double(runningVar.pointer[channel]),
                gate: gate)
        }
        repeatCoefficients()
    }

    private func setCoefficients(_ channel: Int, mean: Double, variance: Double, gate: Storage?) {
        let inverse = 1 / (variance + Double(Self.eps)).squareRoot()
        let weight = Double(weight.value.pointer[channel]), bias = Double(bias.value.pointer[channel])
        let open = Double(gate?.pointer[channel] ?? 1)
        inverseDeviation.pointer[channel] = Float(inverse)
        negativeMean.pointer[channel] = Float(-mean * inverse)
        weightValues.pointer[channel] = Float(weight)
        biasValues.pointer[channel] = Float(bias)
        readScale.pointer[channel] = Float(open * weight * inverse)
        readOffset.pointer[channel] = Float(open * (bias - mean * weight * inverse))
    }

    private func repeatCoefficients() {
        for storage in [inverseDeviation, negativeMean, weightValues, biasValues, readScale, readOffset] {
            FeatureMap.fillPeriod(storage, channels: channels)
        }
    }

    /// Turns the backward sums of `count` values a channel into the parameters' gradients and the coefficients
    /// with which the producer reads the gradient of its own output. `factor` multiplies the gradient (the gate
    /// of a whole branch).
    func finishBackward(count: Int, factor: Double = 1) {
        for channel in 0..<channels {
            let sum = total(channel, 0) * factor, product = total(channel, 1) * factor
            bias.gradient.pointer[channel] = Float(sum)
            weight.gradient.pointer[channel] = Float(product)
            let inverse = Double(inverseDeviation.pointer[channel]), negative = Double(negativeMean.pointer[channel])
            let gain = Double(weight.value.pointer[channel]) * inverse
            let meanGradient = sum / Double(count), meanProduct = product / Double(count)
            // gain · (gradient − mean gradient − normalised · mean product), normalised = value · inverse + negative
            gradientA.pointer[channel] = Float(gain * factor)
            gradientB.pointer[channel] = Float(-gain * meanProduct * inverse)
            gradientC.pointer[channel] = Float(-gain * (meanGradient + negative * meanProduct))
        }
        for storage in [gradientA, gradientB, gradientC] { FeatureMap.fillPeriod(storage, channels: channels) }
    }

    /// The sums of the gradient and of gradient × normalised times the trained vectors: the derivative of the
    /// loss by a factor on the whole normalised output.
    var branchGradient: Double {
        (0..<channels).reduce(0) { partial, channel in
            partial + total(channel, 1) * Double(weight.value.pointer[channel])
                + total(channel, 0) * Double(bias.value.pointer[channel])
        }
    }

    /// Adds up the gradient of the gate, channel by channel.
    func collectGateGradient(into gradient: Storage) {
        for channel in 0..<channels { gradient.pointer[channel] = Float(total(channel, 2)) }
    }
}
