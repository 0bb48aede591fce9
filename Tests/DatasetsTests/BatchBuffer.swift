import Datasets

/// Room for one batch, filled with values that no image has so that what is left alone shows.
struct BatchBuffer: Equatable {
    var images: [Float]
    var labels: [Int32]

    init(batch: Int, valuesPerImage: Int) {
        images = Array(repeating: -1000, count: batch * valuesPerImage)
        labels = Array(repeating: -1, count: batch)
    }

    mutating func fill(from sampler: BatchSampler, step: Int, rows: Range<Int>) throws {
        try images.withUnsafeMutableBufferPointer { images in
            try labels.withUnsafeMutableBufferPointer { labels in
                try sampler.fill(step: step, rows: rows, by: sampler.makeReader(), images: images.baseAddress!, labels: labels.baseAddress!)
            }
        }
    }

    mutating func fill(from batches: EvaluationBatches, step: Int, rows: Range<Int>) throws {
        try images.withUnsafeMutableBufferPointer { images in
            try labels.withUnsafeMutableBufferPointer { labels in
                try batches.fill(step: step, rows: rows, by: batches.makeReader(), images: images.baseAddress!, labels: labels.baseAddress!)
            }
        }
    }
}

/// Images of 5×7 pixels with two channels, every value of an image different, and labels that number them.
func numberedImages(count: Int) -> ImageDataset {
    ImageDataset(
        name: "numbered", shape: ImageShape(height: 5, width: 7, channels: 2), classes: 256,
        pixels: (0..<count).flatMap { image in (0..<70).map { UInt8(1 + (image + 3 * $0) % 255) } },
        labels: (0..<count).map { UInt8($0) })
}

extension ImageDataset {
    /// The values of all images, one after the other, as an evaluation sees them.
    var pixels: [UInt8] {
        get throws {
            let reader = makeReader()
            return try (0..<count).flatMap { Array(UnsafeBufferPointer(start: try reader.middle(of: $0), count: shape.count)) }
        }
    }

    var labels: [Int] { (0..<count).map(label) }
}

let sampleStatistics = ChannelStatistics(mean: [0.25, 0.5], standardDeviation: [0.5, 0.125])
