/// The window that a k×k convolution moves over its input, with a padding of k/2 on every side.
public struct ConvolutionWindow: Hashable, Sendable {
    /// k, the side of the window, odd.
    public var kernelSize: Int
    /// s, the pixels from one place of the window to the next, in both directions.
    public var stride: Int

    public init(kernelSize: Int, stride: Int = 1) {
        self.kernelSize = kernelSize
        self.stride = stride
    }

    /// The shape of the output, [N, ⌈H/s⌉, ⌈W/s⌉, `channels`], for an input of shape `input`.
    public func output(for input: FeatureMap.Shape, channels: Int) -> FeatureMap.Shape {
        FeatureMap.Shape(
            batch: input.batch, height: (input.height + stride - 1) / stride,
            width: (input.width + stride - 1) / stride, channels: channels)
    }
}
