import Engine
import TestSupport

/// Stem, two blocks (the second residual and gated, a third of its channels closed), head, pooling, classifier and
/// loss, with random images, labels and weights.
final class SmallNetwork {
    let images: FeatureMap
    let blocks: [InvertedBottleneck]
    let loss: SoftmaxCrossEntropy
    let layers: [Layer]
    let labels: [Int32]
    var parameters: [Parameter] { layers.flatMap(\.parameters) }

    static let shapes = [
        InvertedBottleneck.Shape(
            kernelSize: 3, stride: 2, hiddenChannels: 12, outputChannels: 6, expands: true, residual: false),
        InvertedBottleneck.Shape(
            kernelSize: 5, stride: 1, hiddenChannels: 18, outputChannels: 6, expands: true, residual: true),
    ]
    /// What the second block's hidden channels are multiplied with.
    static let gate: [Float] = (0..<18).map { $0 < 12 ? 1 : 0 }

    init(batch: Int = 5, side: Int = 9, context: ExecutionContext) {
        var random = RandomSource(seed: 27)
        func map(_ side: Int, _ channels: Int, normalization: String? = nil) -> FeatureMap {
            FeatureMap(
                shape: .init(batch: batch, height: side, width: side, channels: channels),
                normalization: normalization.map { BatchNormalization(name: $0, channels: channels, context: context) },
                context: context)
        }
        images = map(side, 2)
        let stem = map((side + 1) / 2, 5, normalization: "stem"), activated = map((side + 1) / 2, 5)
        let gradients = SharedGradients(expanded: batch * side * side * 18, hidden: batch * side * side * 18)
        let first = InvertedBottleneck(
            name: "first", shape: Self.shapes[0], input: activated, gradients: gradients, context: context)
        let second = InvertedBottleneck(
            name: "second", shape: Self.shapes[1], input: first.output, gated: true, gradients: gradients, context: context)
        blocks = [first, second]
        let head = map(second.output.height, 11, normalization: "head")
        let pooled = map(1, 11), logits = map(1, 4)
        layers = [
            SpatialConvolution(
                name: "stem", input: images, output: stem, window: ConvolutionWindow(kernelSize: 3, stride: 2),
                context: context),
            Activation(input: stem, output: activated, context: context),
        ] + first.layers + second.layers + [
            PointwiseConvolution(name: "head", input: second.output, output: head, context: context),
            GlobalAveragePooling(input: head, output: pooled, context: context),
            FullyConnected(name: "classifier", input: pooled, output: logits, context: context),
        ]
        loss = SoftmaxCrossEntropy(logits: logits, smoothing: 0.1)
        labels = (0..<batch).map { _ in Int32(random.below(4)) }
        parameters.draw(&random)
        images.values.draw(&random)
        second.hidden.setGate(Self.gate)
    }

    /// One training pass; the loss.
    func step() -> Float {
        for layer in layers { layer.forward(training: true) }
        let value = loss.evaluate(labels: labels)
        for layer in layers.reversed() { layer.backward() }
        return value
    }

    /// The loss in double precision, of all parameters in their order.
    func plainLoss(_ values: [[Double]], gate: [Double]) -> Double {
        var parameters = values.makeIterator()
        func next() -> [Double] { parameters.next()! }
        let stem = PlainImages(images, images.values.doubles).spatial(next(), size: 3, stride: 2, outputs: 5)
            .normalized(scale: next(), offset: next()).rectified
        let pooled = stem.invertedBottleneck(Self.shapes[0], next: next)
            .invertedBottleneck(Self.shapes[1], gate: gate, next: next)
            .pointwise(next(), outputs: 11).normalized(scale: next(), offset: next()).rectified.pooled
        let logits = pooled.pointwise(next(), outputs: 4), bias = next()
        return logits.plus(PlainImages(loss.logits, logits.values.indices.map { bias[$0 % 4] }))
            .crossEntropy(labels: labels, smoothing: 0.1)
    }
}
