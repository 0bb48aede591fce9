extension Block {
    /// The kernel, the stride and the widths of a block.
    public struct Shape: Hashable, Sendable {
        /// The side of the depthwise kernel, odd.
        public var kernel: Int
        public var stride: Int
        /// The width of the depthwise convolution divided by the input channels, above 0; in networks given by hand it
        /// may be a fraction, such as MobileNetV3's 4.5.
        public var expansion: Double {
            didSet { check() }
        }
        public var inputChannels: Int
        public var outputChannels: Int

        public init(kernel: Int, stride: Int, expansion: Double, inputChannels: Int, outputChannels: Int) {
            self.kernel = kernel
            self.stride = stride
            self.expansion = expansion
            self.inputChannels = inputChannels
            self.outputChannels = outputChannels
            check()
        }

        private func check() {
            precondition(expansion > 0, "an expansion must be above 0, got \(expansion)")
        }

        /// The channels between expansion and projection.
        public var hiddenChannels: Int { max(1, Int((expansion * Double(inputChannels)).rounded())) }

        /// Whether a block of this shape can add its input to its output, and can therefore be skipped.
        public var allowsResidual: Bool {
            Self.allowsResidual(stride: stride, inputChannels: inputChannels, outputChannels: outputChannels)
        }

        static func allowsResidual(stride: Int, inputChannels: Int, outputChannels: Int) -> Bool {
            stride == 1 && inputChannels == outputChannels
        }

        /// "6", "4.5".
        var expansionText: String { Int(exactly: expansion).map(String.init) ?? "\(expansion)" }
    }
}
