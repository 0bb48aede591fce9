/// A smaller block within another, in its memory and with its weights: the first channels of the hidden width and the
/// centre of the kernel. It computes the same as the whole block with the other channels closed, at the cost of its own
/// sizes.
///
/// Weights and running statistics are copied in before a pass, and the results are copied back after it; both are far
/// smaller than the maps.
final class BlockPart {
    let block: InvertedBottleneck
    /// Unowned, because the whole owns this part.
    private unowned let whole: InvertedBottleneck
    private let weights: SharedWeights

    init(of whole: InvertedBottleneck, kernelSize: Int, hiddenChannels: Int, context: ExecutionContext) {
        var shape = whole.shape
        shape.kernelSize = kernelSize
        shape.hiddenChannels = hiddenChannels
        block = InvertedBottleneck(name: whole.name, shape: shape, within: whole, context: context)
        self.whole = whole
        weights = SharedWeights(of: block, in: whole)
    }

    func forward(training: Bool, times: LayerTimes?) {
        weights.take()
        block.depthwise.usedKernelSize = min(block.depthwise.kernelSize, whole.depthwise.usedKernelSize)
        block.branch.gate = whole.branch.gate
        block.forward(training: training, times: times)
        if training { weights.returnStatistics() }
    }

    /// Weights outside of the part get gradients of zero; gates do not.
    ///
    /// - Parameter probe: as in the whole block.
    func backward(times: LayerTimes?, probe: () -> Void) {
        block.backward(times: times, probe: probe)
        weights.returnGradients()
        whole.branch.gateGradient = block.branch.gateGradient
        if let own = block.hidden.gateGradient, let gateGradient = whole.hidden.gateGradient {
            gateGradient.pointer.update(from: own.pointer, count: own.count)
        }
    }
}
