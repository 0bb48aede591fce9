import Engine
import Files

/// Makes training batches: a new order each epoch, augmented images, zero mean and unit variance.
///
///     var sampler = try BatchSampler(
///         dataset: data.training, batch: 128, seed: 7, augmentation: .fashionMNIST,
///         statistics: data.training.channelStatistics)
///     sampler.startEpoch(0)
///     let reader = sampler.makeReader()
///     try sampler.fill(step: 0, rows: 0..<128, by: reader, images: images, labels: labels)
///     sampler.mix(step: 0, pairs: 0..<sampler.pairs, images: images, labels: labels, others: others, shares: shares)
///
/// The order depends only on the seed and the epoch; the augmentation of an image depends only on the seed, the epoch
/// and the image's place in that order. So any number of threads, and a resumed run, give the same bits.
public struct BatchSampler: Sendable {
    /// Images in a batch.
    public let batch: Int
    /// The augmentation of images.
    public let augmentation: Augmentation
    /// The epoch whose batches `fill` makes.
    public private(set) var epoch = 0

    private let images: NormalizedImages
    private let seed: UInt64
    private var epochSeed: UInt64 = 0
    /// The index of the image at each place of this epoch.
    private var order: [Int32]

    /// Separates the random numbers for data from others with the same seed.
    private static let stream: UInt64 = 0x6461_7461
    /// The streams of an epoch: the first for its order, the following ones for its images.
    private static let orderStream: UInt64 = 0
    private static let firstImageStream: UInt64 = 1

    /// A sampler at the start of epoch 0.
    ///
    /// - Parameters:
    ///   - dataset: the images to draw from.
    ///   - batch: images in a batch, in 1...dataset.count.
    ///   - seed: the run's seed.
    ///   - augmentation: of images.
    ///   - statistics: mean and std for normalisation, usually of the training images.
    /// - Throws: `DatasetError.batchOutOfRange` if there are too few images for one batch, or the batch is not
    ///   positive.
    public init(
        dataset: ImageDataset, batch: Int, seed: UInt64, augmentation: Augmentation, statistics: ChannelStatistics
    ) throws(DatasetError) {
        try Self.check(batch: batch, of: dataset)
        precondition(
            augmentation.maximumShift >= 0 && augmentation.erasedSide >= 0 && (0...1).contains(augmentation.cutMix),
            "BatchSampler: a shift, a side or a probability is out of range: \(augmentation)")
        self.batch = batch
        self.augmentation = augmentation
        images = NormalizedImages(dataset, statistics: statistics)
        var seeds = RandomSource(seed: seed, stream: Self.stream)
        self.seed = seeds.next()
        order = Array(0..<Int32(dataset.count))
        startEpoch(0)
    }

    /// Checks that there are enough images for a batch.
    ///
    /// - Parameter heldOut: how many of them are not to be trained on.
    /// - Throws: `DatasetError.batchOutOfRange` if there are too few images for one batch, or the batch is not
    ///   positive.
    public static func check(batch: Int, of dataset: ImageDataset, holdingOut heldOut: Int = 0) throws(DatasetError) {
        guard batch >= 1, batch <= dataset.count - heldOut else {
            throw .batchOutOfRange(batch: batch, dataset: dataset.name, count: dataset.count, heldOut: heldOut)
        }
    }

    /// Whole batches in an epoch; the remaining images are not used in that epoch.
    public var stepsPerEpoch: Int { order.count / batch }

    /// Draws the order of an epoch; epochs may be started in any order.
    public mutating func startEpoch(_ epoch: Int) {
        precondition(epoch >= 0, "BatchSampler: the epoch \(epoch) is negative")
        self.epoch = epoch
        var seeds = RandomSource(seed: seed, stream: UInt64(epoch))
        epochSeed = seeds.next()
        for place in order.indices {
            order[place] = Int32(place)
        }
        var random = RandomSource(seed: epochSeed, stream: Self.orderStream)
        random.shuffle(&order)
    }

    /// The shape of an image of a batch.
    public var frame: ImageShape { images.dataset.shape }

    /// A reader of these images, for one thread.
    public func makeReader() -> DatasetReader { images.dataset.makeReader() }

    /// Writes some rows of a batch of this epoch; other rows are left alone. May run on several threads at once for
    /// different rows, each with a reader of its own.
    ///
    /// - Parameters:
    ///   - step: which batch, in 0..<stepsPerEpoch.
    ///   - rows: which images of the batch, within 0..<batch.
    ///   - reader: from `makeReader`.
    ///   - frames: the whole batch, [batch, height, width, channels].
    ///   - labels: the whole batch's, [batch].
    /// - Throws: `FileError` where an image cannot be read.
    public func fill(
        step: Int, rows: Range<Int>, by reader: DatasetReader, images frames: UnsafeMutablePointer<Float>,
        labels: UnsafeMutablePointer<Int32>
    ) throws(FileError) {
        precondition(
            (0..<stepsPerEpoch).contains(step), "BatchSampler: step \(step) is not in 0..<\(stepsPerEpoch)")
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= batch, "BatchSampler: rows \(rows) are not within 0..<\(batch)")
        for row in rows {
            let place = step * batch + row
            let image = Int(order[place])
            var random = RandomSource(seed: epochSeed, stream: Self.firstImageStream + UInt64(place))
            let dataset = images.dataset, shape = dataset.shape
            let placement = augmentation.placement(height: shape.height, width: shape.width, from: &random)
            let pixels: UnsafeMutablePointer<UInt8>
            if dataset.isResizable {
                let crop = augmentation.crop(of: try reader.size(of: image), for: shape, from: &random)
                pixels = try reader.frame(of: image, crop: crop)
                augmentation.changeColours(pixels, of: shape, from: &random)
            } else {
                pixels = try reader.middle(of: image)
            }
            images.write(pixels, placed: placement, to: frames + row * shape.count)
            labels[row] = Int32(dataset.label(of: image))
        }
    }

    /// Pairs of images in a batch that may exchange a rectangle; without CutMix none.
    public var pairs: Int { augmentation.cutMix > 0 ? batch / 2 : 0 }

    /// Lets pairs of images exchange a rectangle, after `fill` has written the whole batch. Pair p has the rows p and
    /// batch / 2 + p; other rows are left alone. May run on several threads at once for different pairs.
    ///
    /// - Parameters:
    ///   - step: as for `fill`.
    ///   - pairs: within 0..<pairs.
    ///   - frames: the whole batch, [batch, height, width, channels].
    ///   - labels: the whole batch's, from `fill`, [batch].
    ///   - others: takes the class of the image from which a row has its rectangle, [batch].
    ///   - shares: takes the rectangle's part of the frame's area, within 0...1, [batch].
    public func mix(
        step: Int, pairs: Range<Int>, images frames: UnsafeMutablePointer<Float>, labels: UnsafePointer<Int32>,
        others: UnsafeMutablePointer<Int32>, shares: UnsafeMutablePointer<Float>
    ) {
        precondition(
            pairs.lowerBound >= 0 && pairs.upperBound <= self.pairs,
            "BatchSampler: pairs \(pairs) are not within 0..<\(self.pairs)")
        let shape = frame, half = batch / 2
        for pair in pairs {
            let (first, second) = (pair, half + pair)
            // Streams from the last one down: those from the first one up are of single images.
            var random = RandomSource(seed: epochSeed, stream: UInt64.max - UInt64(step * batch + pair))
            let (rows, columns) = augmentation.exchanged(height: shape.height, width: shape.width, from: &random)
            for row in rows {
                let start = (row * shape.width + columns.lowerBound) * shape.channels
                for value in start..<start + columns.count * shape.channels {
                    let kept = frames[first * shape.count + value]
                    frames[first * shape.count + value] = frames[second * shape.count + value]
                    frames[second * shape.count + value] = kept
                }
            }
            let share = Float(rows.count * columns.count) / Float(shape.height * shape.width)
            (others[first], others[second]) = (labels[second], labels[first])
            (shares[first], shares[second]) = (share, share)
        }
    }
}
