/// A block of smaller sizes within another, in its memory and with its weights: the first channels of its hidden width
/// and the middle of its kernel. It computes what the whole does with the rest closed, at the cost of its own sizes.
///
/// Weights and running statistics are copied in before a pass and what the pass made of them is copied back after it;
/// both are far smaller than the maps.
final class BlockPart {
    let block: InvertedBottleneck
    /// It holds this.
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

    /// What the part does not have gets gradients of zero, its gates aside.
    ///
    /// - Parameter probe: as the block's.
    func backward(times: LayerTimes?, probe: () -> Void) {
        block.backward(times: times, probe: probe)
        weights.returnGradients()
        whole.branch.gateGradient = block.branch.gateGradient
        if let own = block.hidden.gateGradient, let gateGradient = whole.hidden.gateGradient {
            gateGradient.pointer.update(from: own.pointer, count: own.count)
        }
    }
}
