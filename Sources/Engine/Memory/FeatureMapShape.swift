extension FeatureMap {
    /// The shape of a batch of images, [N, H, W, C].
    public struct Shape: Hashable, Sendable, CustomStringConvertible {
        /// N, the images.
        public var batch: Int
        /// H, the rows of an image.
        public var height: Int
        /// W, the columns of an image.
        public var width: Int
        /// C, the values of a pixel.
        public var channels: Int

        public init(batch: Int, height: Int, width: Int, channels: Int) {
            self.batch = batch
            self.height = height
            self.width = width
            self.channels = channels
        }

        /// Pixels of the whole batch: N · H · W.
        public var rows: Int { batch * height * width }
        /// Values of the whole batch: N · H · W · C.
        public var count: Int { rows * channels }

        /// The same images with another number of channels.
        public func with(channels: Int) -> Shape {
            Shape(batch: batch, height: height, width: width, channels: channels)
        }

        /// One pixel for each image, [N, 1, 1, C].
        public var pooled: Shape { Shape(batch: batch, height: 1, width: 1, channels: channels) }

        /// "[16, 28, 28, 8]".
        public var description: String { "\([batch, height, width, channels])" }
    }
}
